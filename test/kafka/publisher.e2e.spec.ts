import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Position } from '#libs/event-store';
import {
  ensureTopics,
  FencedError,
  KafkaConnection,
  KafkaPublisher,
  type LogRecord,
  partitionOf,
  positionTopicOf,
  type RelayPosition,
  RelayRefusedError,
} from '#libs/fan-out';
import { someCluster } from './some-cluster.js';
import { readByJava } from './java-reader.js';

describe('the publisher against a real broker', () => {
  let cluster: Awaited<ReturnType<typeof someCluster>>;
  let connection: KafkaConnection;
  let prefixes = 0;

  beforeAll(async () => {
    cluster = await someCluster();
    connection = new KafkaConnection({ brokers: cluster.addresses, clientId: 'publisher-test' });
  }, 240_000);
  afterAll(() => cluster?.stop());

  it('opens on nothing, publishes, and another one finds the position', async () => {
    const { prefix, publisher } = await aLog();
    const first = publisher();
    expect(await opened(first)).toBeUndefined();
    await first.publish(records(1, 20), at(20));
    await first.publish([], at(25));
    const next = publisher();
    expect(await opened(next)).toEqual(at(25));
    await next.publish(records(26, 30), at(30));
    await expect(first.publish(records(26, 30), at(30))).rejects.toBeInstanceOf(FencedError);
    await expect(first.publish(records(31, 31), at(31))).rejects.toThrow('not open');
    const read = await readByJava(cluster.addresses, `${prefix}client.v1`);
    expect(sequences(read)).toEqual([...range(1, 20), ...range(26, 30)]);
    for (const { key, partition, headers, timestamp } of read) {
      expect(partition).toBe(partitionOf(key, 3));
      expect(timestamp).toBe(1_700_000_000_000 + Number(headers.ce_sequence));
    }
    await Promise.all([first.close(), next.close()]);
  });

  it('gives up what a relay that died had under way, its position too, and takes no longer than that takes', async () => {
    const { prefix, publisher } = await aLog();
    const before = publisher();
    await opened(before);
    await before.publish(records(1, 5), at(5));
    await before.close();
    const dead = connection.client().producer({ transactionalId: `${prefix}relay.log`, transactionTimeout: 60_000 });
    await dead.connect();
    const transaction = await dead.transaction();
    const lost = JSON.stringify({ ...at(9), partitions: {} });
    await transaction.send({
      topic: positionTopicOf(prefix),
      messages: [{ key: 'position', value: lost, partition: 0 }],
    });
    await transaction.send({
      topic: `${prefix}client.v1`,
      messages: records(6, 9).map(({ key, value }) => ({ key, value })),
    });
    const begun = performance.now();
    const next = publisher();
    expect(await opened(next)).toEqual(at(5));
    expect(performance.now() - begun).toBeLessThan(10_000);
    await next.publish(records(6, 7), at(7));
    await expect(transaction.commit()).rejects.toThrow();
    const topic = `${prefix}client.v1`;
    expect(sequences(await readByJava(cluster.addresses, topic))).toEqual(range(1, 7));
    const all = sequences(await readByJava(cluster.addresses, topic, 'read_uncommitted'));
    expect(all).toEqual([1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 9]);
    await Promise.all([next.close(), dead.disconnect()]);
  });

  it('goes on at once behind a transaction that the coordinator has not finished', async () => {
    const { prefix, publisher } = await aLog();
    const only = publisher();
    await opened(only);
    for (let n = 1; n <= 200; n += 1) {
      await only.publish([...records(n, n), ...records(n, n, 'consent.v1')], at(n));
    }
    expect(sequences(await readByJava(cluster.addresses, `${prefix}consent.v1`))).toEqual(range(1, 200));
    await only.close();
  });

  it('finds the position however many openings lie behind it', async () => {
    const { publisher } = await aLog();
    const first = publisher();
    await opened(first);
    await first.publish([], at(3));
    for (let times = 0; times < 40; times += 1) expect(await first.open()).toEqual(at(3));
    await first.close();
  });

  it('publishes each record once and in order while two race for it', async () => {
    const { prefix, publisher } = await aLog();
    const last = 600;
    const fenced = [0, 0];
    const race = async (index: 0 | 1): Promise<void> => {
      const mine = publisher();
      let failures = 0;
      for (let done = (await opened(mine))?.position ?? 0; done < last;) {
        const to = Math.min(last, Number(done) + 5);
        try {
          await mine.publish(records(Number(done) + 1, to), at(to));
          done = to;
          failures = 0;
        } catch (error) {
          if (error instanceof FencedError) fenced[index]! += 1;
          failures += 1;
          await pause(Math.random() * 100 * 2 ** Math.min(failures, 6)); // as relays do: else each shuts the other out for ever
          done = (await opened(mine))?.position ?? 0;
        }
      }
      await mine.close();
    };
    await Promise.all([race(0), race(1)]);
    const read = await readByJava(cluster.addresses, `${prefix}client.v1`);
    expect(sequences(read)).toEqual(range(1, last));
    for (const partition of [0, 1, 2]) {
      const ofPartition = read.filter((record) => record.partition === partition).map(({ value }) => value);
      expect(ofPartition).toEqual(ofPartition.toSorted((left, right) => JSON.parse(left).n - JSON.parse(right).n));
    }
    expect(Math.min(...fenced)).toBeGreaterThan(0); // both had their turn
  });

  it('refuses topics that have other partitions than when it published to them', async () => {
    const { prefix, publisher } = await aLog();
    const only = publisher();
    await opened(only);
    await only.publish(records(1, 1), at(1));
    const admin = connection.client().admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: `${prefix}client.v1`, count: 4 }] });
    await admin.disconnect();
    await only.publish(records(2, 9), at(9));
    const refusal = `topic ${prefix}client.v1 has 4 partitions and had 3`;
    await expect(only.open()).rejects.toThrow(refusal);
    await expect(only.open()).rejects.toBeInstanceOf(RelayRefusedError);
    const read = await readByJava(cluster.addresses, `${prefix}client.v1`);
    for (const { key, partition } of read) expect(partition).toBe(partitionOf(key, 3));
  });

  /** A prefix with topics of its own, and publishers for it. */
  async function aLog(): Promise<{ prefix: string; publisher: () => KafkaPublisher }> {
    prefixes += 1;
    const prefix = `publisher-${Date.now()}-${prefixes}.`;
    const topics = ['client.v1', 'consent.v1'];
    await ensureTopics(connection, {
      ...{ prefix, topics, partitions: 3, replication: 1, minInsyncReplicas: 1, retentionMs: -1 },
    });
    return {
      prefix,
      publisher: () => new KafkaPublisher({ connection, prefix, topics, logId: 'log', instance: 'test' }),
    };
  }
});

/** Opens as soon as the cluster lets it: its topic of transactions is made when it is first asked for. */
async function opened(publisher: KafkaPublisher): Promise<RelayPosition | undefined> {
  for (const deadline = performance.now() + 20_000; ;) {
    try {
      return await publisher.open();
    } catch (error) {
      if (error instanceof RelayRefusedError || performance.now() > deadline) throw error;
      await pause(50);
    }
  }
}

function at(position: number): RelayPosition {
  return {
    position: position as Position,
    eventId: `event-${position}`,
    previous: position === 1 ? undefined : ((position - 1) as Position),
    logId: 'log',
  };
}

function records(from: number, to: number, topic = 'client.v1'): LogRecord[] {
  return range(from, to).map((n) => ({
    topic,
    key: `client-${n % 7}`,
    value: JSON.stringify({ n }),
    headers: { ce_sequence: String(n) },
    timestamp: 1_700_000_000_000 + n,
  }));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function sequences(read: readonly { value: string }[]): number[] {
  return read.map(({ value }) => JSON.parse(value).n as number).sort((left, right) => left - right);
}
