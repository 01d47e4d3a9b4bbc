import { type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { TcpRelay, endOf, hasEnded, scratchFolder, spawnOwned, until } from '#libs/harness';
import { startScavenge } from './scavenge.js';

/** A store of its own for one test, and what can be made to go wrong with it. */
export type FaultyStore = {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends it at once; what was acknowledged is kept. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  restart(): Promise<void>;
  /** While on, it answers nobody and refuses nobody. */
  freeze(on: boolean): void;
  scavenge(): Promise<void>;
  /** The protocol double, for faults nobody can ask of a real server. */
  readonly double: EventStoreDbDouble | undefined;
  close(): Promise<void>;
};

/**
 * The stores to run against: the protocol double always, and a real server when `EVENTSTOREDB_COMMAND` names a command that starts
 * one in the foreground, given a port and a data folder.
 */
export const faultyStores: readonly (readonly [string, () => Promise<FaultyStore>])[] = [
  ['the protocol double', openDouble],
  ...(process.env.EVENTSTOREDB_COMMAND === undefined ? [] : [['a real server', openServer] as const]),
];

/** How long a freeze lasts: on a real server long enough for its connections to be given up. */
export const freezeMs = process.env.EVENTSTOREDB_COMMAND === undefined ? 7_000 : 15_000;

/** Starts the protocol double. */
export async function openDouble(): Promise<FaultyStore> {
  const double = await startEventStoreDbDouble();
  return {
    url: double.url,
    env: environment(double.url),
    kill: () => Promise.resolve(double.down()),
    restart: () => Promise.resolve(double.up()),
    freeze: (on) => double.faults.freeze(on),
    scavenge: () => Promise.resolve(double.scavenge()),
    double,
    close: () => double.close(),
  };
}

async function openServer(): Promise<FaultyStore> {
  const [relay, { folder, remove }] = [await TcpRelay.listen(), await scratchFolder()];
  const url = `esdb://127.0.0.1:${relay.port}?tls=false`;
  let server = await startServer(folder);
  relay.up(server.port);
  const kill = async (): Promise<void> => {
    relay.down();
    server.child.kill('SIGKILL');
    await endOf(server.child);
  };
  return {
    url,
    env: environment(url),
    kill,
    restart: async () => {
      server = await startServer(folder);
      relay.up(server.port);
    },
    freeze: (on) => void server.child.kill(on ? 'SIGSTOP' : 'SIGCONT'),
    scavenge: async () => void (await startScavenge(`127.0.0.1:${server.port}`)),
    double: undefined,
    close: async () => {
      await kill();
      await relay.close();
      await remove();
    },
  };
}

/** A server that has to be told its port; one that was taken in between is exchanged for another. */
async function startServer(folder: string): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await recentlyFreePort();
    const child = spawnOwned(process.env.EVENTSTOREDB_COMMAND ?? '', [String(port), folder], { env: process.env });
    const isLive = () =>
      fetch(`http://127.0.0.1:${port}/health/live`).then(
        ({ status }) => status === 204,
        () => false,
      );
    await until('the server is up, or has ended', async () => hasEnded(child) || (await isLive()), 60_000);
    if (!hasEnded(child)) return { child, port };
    if (attempt === 3) throw new Error(`the server does not start: ${child.exitCode}`);
  }
}

async function recentlyFreePort(): Promise<number> {
  const relay = await TcpRelay.listen();
  const { port } = relay;
  await relay.close();
  return port;
}

function environment(url: string): Record<string, string> {
  return {
    EVENT_STORE: url,
    EVENT_STORE_PREFIX: `t${randomBytes(6).toString('hex')}.`,
    SECRETS_SYSTEM: 'a-system-secret-for-tests',
  };
}
