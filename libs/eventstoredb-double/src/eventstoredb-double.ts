import { Server, ServerCredentials } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { TcpRelay } from '#libs/harness';
import { Faults } from './faults.js';
import { Log } from './log.js';
import { gossipService, serverFeaturesService } from './node-services.js';
import { Reads } from './reads.js';
import { Subscriptions } from './subscription.js';
import { Writes } from './writes.js';

const host = '127.0.0.1';
const maxMessageBytes = 17 * 1_024 * 1_024;

/**
 * `maxAppendBytes` (1 MiB): the most data one append may hold. `liveBuffer` (1,000): how many events a live subscription may be
 * behind before it is dropped.
 */
export type EventStoreDbDoubleOptions = { maxAppendBytes?: number; liveBuffer?: number };

/**
 * A server that speaks the gRPC protocol of EventStoreDB 23.10 in this process and keeps its log in memory: appending one call at a
 * time, reading streams and the whole log, subscribing to the whole log, deleting. `test/eventstoredb/behaviour.spec.ts` holds it to
 * what real servers do. Not part of it: batch appends, filters, subscriptions to a stream, `$maxAge` and `$maxCount`.
 */
export class EventStoreDbDouble {
  private constructor(
    /** What a test lets go wrong. */
    readonly faults: Faults,
    private readonly parts: { log: Log; relay: TcpRelay; server: Server; serverPort: number },
  ) {}

  static async start(options: EventStoreDbDoubleOptions = {}): Promise<EventStoreDbDouble> {
    const { maxAppendBytes = 1_048_576, liveBuffer = 1_000 } = options;
    const server = new Server({ 'grpc.max_receive_message_length': maxMessageBytes });
    const serverPort = await listen(server);
    const relay = await TcpRelay.listen();
    relay.up(serverPort);
    const log = new Log();
    const subscriptions = new Subscriptions(log, liveBuffer);
    const faults = new Faults(relay, subscriptions);
    const writes = new Writes(log, faults, maxAppendBytes);
    const reads = new Reads(log, faults, subscriptions);
    server.addService(StreamsService, { ...writes.implementation(), ...reads.implementation() });
    server.addService(ServerFeaturesService, serverFeaturesService());
    server.addService(GossipService, gossipService(host, relay.port));
    return new EventStoreDbDouble(faults, { log, relay, server, serverPort });
  }

  /** The port it is reached at, the same for as long as it lives. */
  get port(): number {
    return this.parts.relay.port;
  }

  /** A connection string of the client's, without options but `tls`: append `&name=value`. */
  get url(): string {
    return `esdb://${host}:${this.port}?tls=false`;
  }

  /** How many connections are open to it. */
  get connections(): number {
    return this.parts.relay.connections;
  }

  /** Removes from the log what deleted streams held, but for the last event of each and for tombstones. */
  scavenge(): void {
    this.parts.log.scavenge();
  }

  /** Stops as if the process had been killed: connections end and new ones are reset. The log stays. */
  down(): void {
    this.parts.relay.down();
  }

  /** Comes back, at the same port and with the same log. */
  up(): void {
    this.parts.relay.up(this.parts.serverPort);
  }

  async close(): Promise<void> {
    await this.parts.relay.close();
    this.parts.server.forceShutdown();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
