import { noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { type EventStore } from '../port.js';
import { openEventStoreDb } from './open-eventstoredb.js';

const awayMs = 1_500;
/** Channels that wait for their next attempt have made it by then. */
const afterwardsMs = 2_500;
const maxConnections = 4;

describe('the connections of an instance', () => {
  let double: EventStoreDbDouble;
  let store: EventStore;
  beforeEach(async () => {
    double = await startEventStoreDbDouble();
  });
  afterEach(async () => {
    await store.close();
    await double.close();
  });

  it.each([
    ['one host', (node: string) => node],
    ['several hosts', (node: string) => `${node},${node}`],
  ])('are few after three outages under load, with %s', async (_case, hosts) => {
    store = await openEventStoreDb({ url: `esdb://${hosts(`127.0.0.1:${double.port}`)}?tls=false` });
    store.subscribe(undefined, () => undefined);
    let running = true;
    let done = 0;
    const repeat = async (call: () => unknown): Promise<void> => {
      while (running) {
        await Promise.resolve()
          .then(call)
          .then(
            () => (done += 1),
            () => new Promise((resolve) => setTimeout(resolve, 20)),
          );
      }
    };
    const append = () => store.append(newStreamName(), [anEvent()], { expectedRevision: noRevision });
    const lanes = [append, append, append, append, () => store.head(), () => store.readStream(newStreamName())];
    const load = lanes.map(repeat);
    try {
      for (let outage = 0; outage < 3; outage += 1) {
        const before = done;
        await until('calls are answered', async () => done > before + 50);
        double.down();
        await passed(awayMs);
        double.up();
      }
      const before = done;
      await until('calls are answered again', async () => done > before + 50);
      await passed(afterwardsMs);
      expect(double.connections).toBeLessThanOrEqual(maxConnections);
    } finally {
      running = false;
      await Promise.all(load);
    }
  });

  it('are none after it was closed in the middle of an outage', async () => {
    store = await openEventStoreDb({ url: double.url });
    double.down();
    const isWaiting = () =>
      Promise.resolve(store.head()).then(
        () => false,
        (error: Error) => error.message.includes('No connection established'),
      );
    await until('it waits before the next attempt', isWaiting);
    await store.close();
    double.up();
    await passed(afterwardsMs);
    expect(double.connections).toBe(0);
  });
});

async function passed(ms: number): Promise<void> {
  const end = performance.now() + ms;
  await until(`${ms} ms have passed`, async () => performance.now() > end);
}
