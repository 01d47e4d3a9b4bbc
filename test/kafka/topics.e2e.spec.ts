import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { MemoryEventStore, type Position } from '#libs/event-store';
import {
  alwaysMine,
  ensureTopics,
  KafkaConnection,
  KafkaPublisher,
  positionTopicOf,
  Relay,
  RelayRefusedError,
} from '#libs/fan-out';
import { KafkaCluster, runJava, until } from '#libs/harness';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { describeOwnBrokers } from './some-cluster.js';
import { readByJava } from './java-reader.js';

const topics = ['client.v1'];
const mebibyte = 1_048_576;

describeOwnBrokers('topics that cannot be trusted, and what else a broker may have forgotten', () => {
  let cluster: KafkaCluster;
  let connection: KafkaConnection;
  let admin: Admin;
  let prefix: string;
  let prefixes = 0;

  beforeAll(async () => {
    cluster = await KafkaCluster.start({
      settings: {
        'transactional.id.expiration.ms': 3_000,
        'transaction.remove.expired.transaction.cleanup.interval.ms': 500,
      },
    });
    connection = new KafkaConnection({ brokers: cluster.addresses, clientId: 'topics-test' });
    admin = new Kafka({ brokers: cluster.addresses, clientId: 'test', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  }, 240_000);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
  });
  beforeEach(() => {
    prefixes += 1;
    prefix = `topics-${prefixes}.`;
  });

  it.each([
    { setting: 'cleanup.policy', value: 'compact', says: 'cleanup.policy is compact; compaction loses history' },
    { setting: 'max.message.bytes', value: '1048588', says: /max\.message\.bytes is 1048588; .* needs \d+$/ },
    { setting: 'min.insync.replicas', value: '2', says: 'min.insync.replicas is 2; above its 1 replicas' },
  ])('refuses a topic of events with $setting=$value', async ({ setting, value, says }) => {
    const configEntries = [{ name: setting, value }];
    await admin.createTopics({ topics: [{ topic: `${prefix}client.v1`, numPartitions: 3, configEntries }] });
    const refused = ensure();
    await expect(refused).rejects.toBeInstanceOf(RelayRefusedError);
    await expect(refused).rejects.toThrow(`topic ${prefix}client.v1: `);
    await expect(refused).rejects.toThrow(says);
  });

  it.each([
    { setting: 'cleanup.policy', value: 'delete', numPartitions: 1, says: 'the last position could be lost' },
    { setting: 'cleanup.policy', value: 'compact', numPartitions: 2, says: 'has 2 partitions and must have one' },
  ])('refuses a topic of positions with $setting=$value and $numPartitions partitions', async (broken) => {
    const { setting, value, numPartitions, says } = broken;
    const topic = positionTopicOf(prefix);
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries: [{ name: setting, value }] }] });
    const refused = ensure();
    await expect(refused).rejects.toBeInstanceOf(RelayRefusedError);
    await expect(refused).rejects.toThrow(`topic ${topic}`);
    await expect(refused).rejects.toThrow(says);
  });

  it('warns of what loses events in time', async () => {
    expect(await ensure(60_000)).toEqual([
      `topic ${prefix}client.v1: retention.ms is 60000, as asked for: older events go`,
    ]);
    expect(await ensure()).toEqual([
      `topic ${prefix}client.v1: retention.ms is 60000, not -1 as asked for: older events go`,
    ]);
  });

  it.each([
    {
      what: "another log's id",
      logId: 'another',
      eventId: undefined,
      says: 'the topics hold the events of log another',
    },
    { what: 'another event', logId: 'log', eventId: 'elsewhere', says: 'event elsewhere was published at position 1' },
  ])('the relay refuses to go on behind $what', async ({ logId, eventId, says }) => {
    await ensure();
    const store = new MemoryEventStore();
    await store.append('client-a', [anEvent('here')], { expectedRevision: -1 });
    const head = await store.head();
    const before = publisher();
    await opened(before);
    await before.publish([], { position: head!, eventId, previous: undefined, logId });
    await before.close();
    const relay = new Relay({
      ...{ store, logId: 'log', publisher: publisher(), turns: alwaysMine, startAt: 'beginning' },
      ...{ mapping: () => async () => undefined, clock: () => new Date(), notice: () => undefined },
    });
    await expect(relay.run()).rejects.toThrow(says);
    expect(relay.status().state).toBe('stopped');
    await relay.close();
  });

  it('publishes what has one mebibyte, uncompressible', async () => {
    await ensure();
    const only = publisher();
    await opened(only);
    const value = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))
      .toString('base64')
      .repeat(12);
    const padded = value.padEnd(mebibyte, 'x');
    await only.publish([record(padded)], at(1));
    expect((await readByJava(cluster.addresses, `${prefix}client.v1`)).map((read) => read.value)).toEqual([padded]);
    await only.close();
  });

  it('goes on when the broker has forgotten its transactional id', async () => {
    await ensure();
    const only = publisher();
    await opened(only);
    await only.publish([record('before')], at(1));
    const list = ['--bootstrap-server', cluster.addresses.join(','), 'list'];
    await until(
      'the broker has forgotten it',
      async () => !(await runJava('org.apache.kafka.tools.TransactionsCommand', list)).includes(`${prefix}relay.log`),
      60_000,
    );
    await expect(only.publish([record('lost')], at(2))).rejects.toThrow();
    expect(await opened(only)).toEqual(at(1));
    await only.publish([record('after')], at(2));
    const read = await readByJava(cluster.addresses, `${prefix}client.v1`);
    expect(read.map(({ value }) => value)).toEqual(['before', 'after']);
    await only.close();
  });

  function ensure(retentionMs = -1): Promise<string[]> {
    return ensureTopics(connection, {
      ...{ prefix, topics, partitions: 3, replication: 1, minInsyncReplicas: 1, retentionMs },
    });
  }

  function publisher(): KafkaPublisher {
    return new KafkaPublisher({ connection, prefix, topics, logId: 'log', instance: 'test' });
  }
});

/** Opens as soon as the cluster lets it: its topic of transactions is made when it is first asked for. */
async function opened(publisher: KafkaPublisher): Promise<unknown> {
  let position: unknown;
  await until(
    'the publisher is open',
    () =>
      publisher.open().then(
        (found) => {
          position = found;
          return true;
        },
        () => false,
      ),
    60_000,
  );
  return position;
}

function record(value: string): Parameters<KafkaPublisher['publish']>[0][number] {
  return { topic: 'client.v1', key: 'a', value, headers: {}, timestamp: 1_700_000_000_000 };
}

function at(position: number): Parameters<KafkaPublisher['publish']>[1] {
  return { position: position as Position, eventId: `event-${position}`, previous: undefined, logId: 'log' };
}

function anEvent(id: string): { id: string; type: string; data: string; metadata: string } {
  return { id, type: 'Happened', data: '{}', metadata: '{}' };
}
