import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { positionTopicOf } from '#libs/fan-out';
import { KafkaCluster, until } from '#libs/harness';
import { describeOwnBrokers } from './some-cluster.js';
import { readByJava } from './java-reader.js';
import { readTopic } from './published.js';
import { type RelayUnderTest } from './relay-under-test.js';
import { RelayedLog } from './relayed-log.js';

/** The controller takes a broker that says nothing for gone after 9 s, and the relay tries every few seconds: 20 s on a quiet machine. */
const longestGapMs = 60_000;
const transactionTopic = '__transaction_state';
const transactionPartitions = 3;

describeOwnBrokers('the relay on three brokers, two of which must have what is acknowledged', () => {
  let cluster: KafkaCluster;
  let log: RelayedLog;

  beforeAll(async () => {
    cluster = await KafkaCluster.start({ nodes: 3 });
    await until('three brokers are known', async () => (await brokerCount()) === 3, 30_000);
  }, 240_000);
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    log = await RelayedLog.on(cluster.addresses, 3);
  });
  afterEach(() => log.close());

  it.each([
    { broken: 'the leader of a partition', which: () => leaderOf(log.topic, 0) },
    { broken: 'the leader of its positions', which: () => leaderOf(positionTopicOf(log.prefix), 0) },
  ])(
    'loses, repeats and swaps nothing when $broken is killed',
    async ({ which }) => {
      await relayThatCaughtUp();
      const load = log.append(3_000, 60, 20);
      await pause(300);
      const broker = cluster.broker(await which());
      await broker.kill();
      const killedAt = performance.now();
      await load;
      await log.caughtUp();
      expect(performance.now() - killedAt).toBeLessThan(longestGapMs);
      broker.start();
      await broker.ready();
      await inSync();
      await log.stopRelays();
      await log.expectPublished();
    },
    180_000,
  );

  it('loses, repeats and swaps nothing when the coordinator is killed between the records and the end of their transaction', async () => {
    const only = await relayThatCaughtUp();
    const broker = cluster.broker(await coordinator());
    const [letEnd] = await Promise.all([only.keepEndBack(), log.append(600, 60)]);
    expect(await isOpen(log.topic)).toBe(true);
    await broker.kill();
    letEnd();
    await log.caughtUp();
    broker.start();
    await broker.ready();
    await inSync();
    await log.stopRelays();
    await log.expectPublished();
  }, 180_000);

  it('loses, repeats and swaps nothing when the leader of its positions is frozen until it is taken for gone', async () => {
    await relayThatCaughtUp();
    const load = log.append(3_000, 60, 20);
    await pause(300);
    const broker = cluster.broker(await leaderOf(positionTopicOf(log.prefix), 0));
    broker.freeze();
    await load;
    await log.caughtUp();
    broker.thaw();
    await log.append(600, 60);
    await log.caughtUp();
    await inSync();
    await log.stopRelays();
    await log.expectPublished();
  }, 180_000);

  async function relayThatCaughtUp(): Promise<RelayUnderTest> {
    const only = log.relay('only');
    only.start();
    await log.append(50, 10);
    await log.caughtUp();
    return only;
  }

  async function leaderOf(topic: string, partition: number): Promise<number> {
    const { topics } = await asking((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]!.partitions.find(({ partitionId }) => partitionId === partition)!.leader;
  }

  function coordinator(): Promise<number> {
    return leaderOf(transactionTopic, partitionOfTransactions(`${log.prefix}relay.log`));
  }

  /** Whether a topic has records that only plain readers see: of a transaction that is not over, as nothing was given up before. */
  async function isOpen(topic: string): Promise<boolean> {
    const all = await readByJava(cluster.addresses, topic, 'read_uncommitted');
    return all.length > (await readTopic(cluster.addresses, topic)).length;
  }

  async function brokerCount(): Promise<number> {
    return (await asking((admin) => admin.describeCluster())).brokers.length;
  }

  /** All three have everything. */
  async function inSync(): Promise<void> {
    await until(
      'all replicas are in sync',
      async () => {
        const topics = [log.topic, positionTopicOf(log.prefix), transactionTopic];
        const described = await asking((admin) => admin.fetchTopicMetadata({ topics }));
        return described.topics.every((topic) => topic.partitions.every(({ isr }) => isr.length === 3));
      },
      60_000,
    );
  }

  async function asking<Answer>(ask: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const admin = new Kafka({ brokers: cluster.addresses, clientId: 'test', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }
});

/** Java's hash of the id, cut to the number of partitions, names the partition whose leader coordinates. */
function partitionOfTransactions(id: string): number {
  let hash = 0;
  for (const char of id) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  return (hash & 0x7fffffff) % transactionPartitions;
}
