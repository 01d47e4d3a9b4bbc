import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidV4 } from '#libs/crypto';
import { type EventStore, openEventStoreDb } from '#libs/event-store';
import { ensureTopics, KafkaConnection } from '#libs/fan-out';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { KafkaCluster } from './broker.js';
import { endTxn, KafkaProxy } from './proxy.js';
import { expectPublished } from './published.js';
import { RelayUnderTest, type RelayUnderTestOptions } from './relay-under-test.js';

const full = process.env.KAFKA_TESTS_FORM === 'full';
const events = full ? 50_000 : 6_000;
const [kills, freezes, restarts] = full ? [20, 3, 5] : [4, 1, 1];
const partitions = 3;
const caughtUpMs = 60_000;

describe('the relay against a real broker', () => {
  let cluster: KafkaCluster;
  let proxy: KafkaProxy;
  let log: EventStoreDbDouble;
  let store: EventStore;
  let prefixes = 0;
  const relays: RelayUnderTest[] = [];

  beforeAll(async () => {
    proxy = await KafkaProxy.listen();
    cluster = await KafkaCluster.start({ proxyPort: proxy.port });
    proxy.leadTo(cluster.broker(1).behindProxy!);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.kill()));
    await store?.close();
    await log?.close();
    await proxy.close();
    await cluster.stop();
  });

  it(
    'loses, repeats and swaps nothing while relays are killed and frozen and the broker is restarted',
    async () => {
      const { prefix, options } = await aLog();
      const [first, second] = [relay('first', options), relay('second', options)];
      first.start();
      second.start();
      const load = append(events, full ? 300 : 150);
      const trouble = async (): Promise<void> => {
        for (let times = 0; times < kills; times += 1) {
          const victim = times % 2 === 0 ? first : second;
          await pause(500 + Math.random() * 2_000);
          await victim.kill();
          victim.start();
        }
        for (let times = 0; times < restarts; times += 1) {
          await pause(1_000 + Math.random() * 1_000);
          await cluster.broker(1).kill();
          await pause(1_000);
          cluster.broker(1).start();
          await cluster.broker(1).ready();
        }
        for (let times = 0; times < freezes; times += 1) {
          const active = await publishing([first, second]);
          active.freeze();
          await pause(12_000); // beyond its session, with the other one waiting
          active.thaw();
        }
      };
      await Promise.all([load, trouble()]);
      await append(10, 10);
      await caughtUp([first, second]);
      await Promise.all([first.stop(), second.stop()]);
      await expectPublished(cluster.addresses, `${prefix}client.v1`, partitions, store);
    },
    full ? 1_800_000 : 300_000,
  );

  it('takes over within seconds from one that was killed', async () => {
    const { options } = await aLog();
    const [first, second] = [relay('first', options), relay('second', options)];
    first.start();
    second.start();
    await append(10, 10);
    await caughtUp([first, second]);
    const active = await publishing([first, second]);
    const other = active === first ? second : first;
    await active.kill();
    const killedAt = performance.now();
    await append(10, 10);
    await caughtUp([other]);
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    await other.stop();
  });

  it('needs no group to publish each event once', async () => {
    const { prefix, options } = await aLog();
    const both = ['first', 'second'].map((name) => relay(name, { ...options, turns: 'bypassed' }));
    for (const one of both) one.start();
    await append(600, 30);
    await caughtUp(both);
    expect(both.some(({ output }) => output.includes('FencedError'))).toBe(true);
    await Promise.all(both.map((one) => one.stop()));
    await expectPublished(cluster.addresses, `${prefix}client.v1`, partitions, store);
  });

  it.each(['lose answer', 'lose request'] as const)(
    'does not care whether a commit whose answer is lost was done (%s)',
    async (fate) => {
      const { prefix, options } = await aLog();
      const only = relay('only', { ...options, brokers: [proxy.address], turns: 'bypassed', requestTimeoutMs: 3_000 });
      let ends = 0;
      proxy.fate = (apiKey) => {
        if (apiKey !== endTxn) return 'pass';
        ends += 1;
        return ends % 4 === 0 ? fate : 'pass';
      };
      only.start();
      await publishing([only]);
      await append(600, 20);
      await caughtUp([only]);
      proxy.fate = () => 'pass';
      expect(ends).toBeGreaterThan(8);
      await only.stop();
      await expectPublished(cluster.addresses, `${prefix}client.v1`, partitions, store);
    },
  );

  it('goes through refusals, cuts and delays', async () => {
    const { prefix, options } = await aLog();
    const only = relay('only', { ...options, brokers: [proxy.address], turns: 'bypassed', requestTimeoutMs: 3_000 });
    only.start();
    const load = append(600, 20);
    for (let times = 0; times < 5; times += 1) {
      await pause(Math.random() * 500);
      proxy.cut();
      await pause(Math.random() * 500);
      proxy.refuse(true);
      await pause(500);
      proxy.refuse(false);
      proxy.delayMs = 100;
      await pause(1_000);
      proxy.delayMs = 0;
    }
    await load;
    await caughtUp([only]);
    await only.stop();
    await expectPublished(cluster.addresses, `${prefix}client.v1`, partitions, store);
  });

  /** A log and topics of its own. */
  async function aLog(): Promise<{ prefix: string; options: RelayUnderTestOptions }> {
    await store?.close();
    await log?.close();
    log = await startEventStoreDbDouble();
    store = await openEventStoreDb({ url: log.url, prefix: 'hydrant.' });
    prefixes += 1;
    const prefix = `r${prefixes}.`;
    const connection = new KafkaConnection({ brokers: cluster.addresses, clientId: 'relay-test' });
    await ensureTopics(connection, {
      ...{ prefix, topics: ['client.v1'], partitions, replication: 1, minInsyncReplicas: 1, retentionMs: -1 },
    });
    return { prefix, options: { store: log.url, brokers: cluster.addresses, prefix } };
  }

  function relay(name: string, options: RelayUnderTestOptions): RelayUnderTest {
    const one = new RelayUnderTest(name, options);
    relays.push(one);
    return one;
  }

  /** Appends so many events to a few streams, with pauses, so that they are not all there at once. */
  async function append(count: number, atOnce: number): Promise<void> {
    for (let done = 0; done < count; done += atOnce) {
      const stream = `client-${Math.floor(Math.random() * 12)}`;
      const size = Math.min(atOnce, count - done);
      const added = Array.from({ length: size }, () => ({
        id: uuidV4(),
        type: 'Happened',
        data: '{}',
        metadata: '{}',
      }));
      const expectedRevision = (await store.readStream(stream)).length - 1;
      await store.append(stream, added, { expectedRevision });
      await pause(50);
    }
  }

  /** One of them says that it has published all there is. */
  async function caughtUp(some: readonly RelayUnderTest[]): Promise<void> {
    const head = await store.head();
    await until(
      `${head} is published`,
      async () => {
        if (some.some(({ fallen }) => fallen)) throw new Error('a relay has ended by itself');
        return some.some(({ output }) => output.includes(`at ${head}.`));
      },
      caughtUpMs,
    ).catch((error: unknown) => {
      throw new Error(some.map(({ output }) => output.slice(-1_500)).join('\n'), { cause: error });
    });
  }

  /** The one whose last word is that it publishes. */
  async function publishing(some: readonly RelayUnderTest[]): Promise<RelayUnderTest> {
    let found: RelayUnderTest | undefined;
    await until(
      'one publishes',
      async () => {
        found = some.find(({ output }) => output.trimEnd().split('\n').at(-1)?.includes('publishing at') === true);
        return found !== undefined;
      },
      caughtUpMs,
    );
    return found!;
  }
});
