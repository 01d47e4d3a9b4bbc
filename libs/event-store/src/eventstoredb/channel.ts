import { readFileSync } from 'node:fs';
import { Channel, type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { Subchannel } from '@grpc/grpc-js/build/src/subchannel.js';
import { type ConnectionString } from './connection-string.js';

const firstReconnectMs = 100;
const longestReconnectMs = 1_000;
/** Servers store events of up to 16 MiB, whoever writes them. */
const maxMessageBytes = 17 * 1_024 * 1_024;

leaveNothingBehind();

/**
 * Opens a channel to one node, which connects with the first call and again by itself, soon after each loss and once a second in the
 * end. The library's own channels wait for up to two minutes, and it has a new one for every call that fails.
 */
export function openChannel(address: string, { options }: ConnectionString): Channel {
  return new Channel(address, credentialsOf(options), {
    'grpc.keepalive_time_ms': millisecondsOf(options.get('keepAliveInterval')),
    'grpc.keepalive_timeout_ms': millisecondsOf(options.get('keepAliveTimeout')),
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.initial_reconnect_backoff_ms': firstReconnectMs,
    'grpc.max_reconnect_backoff_ms': longestReconnectMs,
    'grpc.use_local_subchannel_pool': 1, // what is closed here is in nobody else's use
  });
}

/** -1 is never. */
function millisecondsOf(option: string | undefined): number {
  const ms = Number(option);
  return ms < 0 ? Number.MAX_VALUE : ms;
}

function credentialsOf(options: ReadonlyMap<string, string>): ChannelCredentials {
  if (options.get('tls') === 'false') return credentials.createInsecure();
  const [authority, key, certificate] = ['tlsCAFile', 'userKeyFile', 'userCertFile'].map((name) => {
    const file = options.get(name);
    return file === undefined ? null : readFileSync(file);
  });
  return credentials.createSsl(authority, key, certificate);
}

/**
 * A channel that is closed while it waits before it connects again does so all the same (grpc-js 1.14), and nobody ever ends that
 * connection: after an outage there are as many of them as there were channels. Those of the library's questions for the leader count too.
 */
function leaveNothingBehind(): void {
  const { prototype } = Subchannel;
  const afterTheWait = prototype['handleBackoffTimer'] as (this: Subchannel) => void;
  prototype['handleBackoffTimer'] = function (this: Subchannel): void {
    if (this['refcount'] === 0) this['continueConnecting'] = false;
    afterTheWait.call(this);
  };
}
