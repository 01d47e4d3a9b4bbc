import { randomUUID } from 'node:crypto';
import { until } from '#libs/harness';
import { type KafkaMessage, Kafka, logLevel } from 'kafkajs';

const readTimeoutMs = 60_000;

/**
 * Every byte of the records of the topics with this prefix, by topic: keys, headers and values, also of what was given up. What frames
 * them on the wire is not among it.
 */
export async function publishedBytes(brokers: readonly string[], prefix: string): Promise<Record<string, Buffer>> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'test', logLevel: logLevel.NOTHING });
  const ends = await endsOf(kafka, prefix);
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 200, readUncommitted: true });
  const chunks = new Map([...ends.keys()].map((topic): [string, Buffer[]] => [topic, []]));
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    if (BigInt(lastOffset) + 1n >= ends.get(topic)!.get(partition)!) ends.get(topic)!.delete(partition);
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...ends.keys()], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => void chunks.get(topic)!.push(...bytesOf(message)),
  });
  await until('all is read', async () => [...ends.values()].every(({ size }) => size === 0), readTimeoutMs);
  await consumer.disconnect();
  return Object.fromEntries([...chunks].map(([topic, some]) => [topic, Buffer.concat(some)]));
}

/** Where the partitions end that have anything. */
async function endsOf(kafka: Kafka, prefix: string): Promise<Map<string, Map<number, bigint>>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map<string, Map<number, bigint>>();
  for (const topic of (await admin.listTopics()).filter((name) => name.startsWith(prefix))) {
    const partitions = await admin.fetchTopicOffsets(topic);
    const filled = partitions.filter(({ low, high }) => low !== high);
    ends.set(topic, new Map(filled.map(({ partition, high }) => [partition, BigInt(high)])));
  }
  await admin.disconnect();
  return ends;
}

function bytesOf({ key, value, headers = {} }: KafkaMessage): Buffer[] {
  const named = Object.entries(headers).flatMap(([name, values]) => [name, ...[values ?? ''].flat()]);
  return [key, value, ...named].flatMap((part) => [Buffer.from(part ?? ''), Buffer.from('\n')]);
}
