import { randomBytes } from 'node:crypto';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';

/** A store the authority can be pointed at, and how to end it. `double` is there when it is the protocol double. */
export type StoreUnderTest = {
  readonly name: string;
  /** The environment of an authority on this store; the same for all instances. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly double: EventStoreDbDouble | undefined;
  close(): Promise<void>;
};

/** The stores to run against: the protocol double always, a real server too when `EVENTSTOREDB_URL` names one. */
export const storesUnderTest: readonly (readonly [string, () => Promise<StoreUnderTest>])[] = [
  ['the protocol double', openDouble],
  ...(process.env.EVENTSTOREDB_URL === undefined ? [] : [['a real server', openReal] as const]),
];

async function openDouble(): Promise<StoreUnderTest> {
  const double = await startEventStoreDbDouble();
  return { name: 'double', url: double.url, env: environment(double.url), double, close: () => double.close() };
}

function openReal(): Promise<StoreUnderTest> {
  const url = process.env.EVENTSTOREDB_URL ?? '';
  return Promise.resolve({
    name: 'real',
    url,
    env: environment(url),
    double: undefined,
    close: () => Promise.resolve(),
  });
}

/** A prefix of its own for each run: a real server keeps what earlier runs wrote. */
function environment(url: string): Record<string, string> {
  return {
    EVENT_STORE: url,
    EVENT_STORE_PREFIX: `t${randomBytes(6).toString('hex')}.`,
    SECRETS_SYSTEM: 'a-system-secret-for-tests',
  };
}
