import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { freePort, scratchFolder, until } from '#libs/harness';

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
    kill: () => double.down(),
    restart: () => double.up(),
    freeze: (on) => double.faults.freeze(on),
    scavenge: () => Promise.resolve(double.scavenge()),
    double,
    close: () => double.close(),
  };
}

async function openServer(): Promise<FaultyStore> {
  const [port, { folder, remove }] = [await freePort(), await scratchFolder()];
  const address = `http://127.0.0.1:${port}`;
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  let server = await startServer(port, folder, address);
  const end = async (): Promise<void> => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url,
    env: environment(url),
    kill: end,
    restart: async () => void (server = await startServer(port, folder, address)),
    freeze: (on) => void server.kill(on ? 'SIGSTOP' : 'SIGCONT'),
    scavenge: async () => void (await fetch(`${address}/admin/scavenge`, { method: 'POST' })),
    double: undefined,
    close: async () => {
      await end();
      await remove();
    },
  };
}

async function startServer(port: number, folder: string, address: string): Promise<ChildProcess> {
  const child = spawn(process.env.EVENTSTOREDB_COMMAND ?? '', [String(port), folder], { stdio: 'ignore' });
  const isLive = () =>
    fetch(`${address}/health/live`).then(
      ({ status }) => status === 204,
      () => false,
    );
  await until('the server is up', isLive, 60_000);
  return child;
}

function environment(url: string): Record<string, string> {
  return {
    EVENT_STORE: url,
    EVENT_STORE_PREFIX: `t${randomBytes(6).toString('hex')}.`,
    SECRETS_SYSTEM: 'a-system-secret-for-tests',
  };
}
