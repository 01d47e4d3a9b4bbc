import { type Position } from '#libs/event-store';
import { type PublishedRecord, RelayRefusedError } from '../relay/port.js';
import { sequenceOf } from '../replay/sequence.js';
import { type KafkaConnection, kafkaErrorType } from './connection.js';
import { type Cluster, clusterOf, type FetchedMessage, fetchCommitted } from './internals.js';

const fetchWaitMs = 500;
const firstLookBack = 16;
/** A partition whose end does not come nearer for so long is given up. */
const silenceMs = 30_000;

type Partition = { readonly topic: string; readonly partition: number };

/** Offsets: of the first record, and behind the last committed one. */
export type OffsetRange = { readonly first: number; readonly end: number };

/** Reads topics from any offset, as a reader of committed records, as a member of no group. */
export class TopicReader {
  private constructor(
    private readonly cluster: Cluster,
    readonly topics: readonly string[],
  ) {}

  /** @throws RelayRefusedError when a topic is not there */
  static async open(connection: KafkaConnection, topics: readonly string[]): Promise<TopicReader> {
    const cluster = clusterOf(connection.client());
    try {
      await cluster.connect();
      for (const topic of topics) await addTopic(cluster, topic);
      return new TopicReader(cluster, topics);
    } catch (error) {
      cluster.disconnect().catch(() => undefined);
      throw error;
    }
  }

  partitions(topic: string): number {
    return this.cluster.findTopicPartitionMetadata(topic).length;
  }

  /** Of every partition, by its number. */
  async ranges(topic: string): Promise<OffsetRange[]> {
    const partitions = Array.from({ length: this.partitions(topic) }, (_, partition) => ({ partition }));
    const ask = async (fromBeginning: boolean): Promise<Map<number, number>> => {
      const [answer] = await this.cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
      return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    };
    const [ends, firsts] = [await ask(false), await ask(true)];
    return partitions.map(({ partition }) => ({ first: firsts.get(partition) ?? 0, end: ends.get(partition) ?? 0 }));
  }

  /** The records of a partition between two offsets, in order. */
  async *records({ topic, partition }: Partition, { first, end }: OffsetRange): AsyncGenerator<PublishedRecord> {
    let heardAt = performance.now();
    for (let offset = first; offset < end;) {
      const { messages, next } = await fetchCommitted(this.cluster, { topic, partition, offset }, fetchWaitMs);
      for (const message of messages) {
        if (Number(message.offset) < end) yield recordOf(topic, partition, message);
      }
      if (next > offset) heardAt = performance.now();
      else if (performance.now() - heardAt > silenceMs) {
        throw new Error(`partition ${partition} of topic ${topic} was not read beyond offset ${offset}`);
      }
      offset = next;
    }
  }

  /** The last record of a partition that a reader of committed records sees, of those that fit. */
  async last(
    at: Partition,
    { first, end }: OffsetRange,
    fits: (record: PublishedRecord) => boolean = () => true,
  ): Promise<PublishedRecord | undefined> {
    for (let lookBack = firstLookBack, before = end; before > first; lookBack *= 8) {
      const from = Math.max(first, end - lookBack);
      let found: PublishedRecord | undefined;
      for await (const record of this.records(at, { first: from, end: before })) {
        if (fits(record)) found = record;
      }
      if (found !== undefined) return found;
      before = from;
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }
}

/** The highest position of the log that has a record in the topics; undefined when they have none. */
export async function highestSequence(reader: TopicReader): Promise<Position | undefined> {
  let highest: Position | undefined;
  for (const topic of reader.topics) {
    for (const [partition, range] of (await reader.ranges(topic)).entries()) {
      const last = await reader.last({ topic, partition }, range, (record) => sequenceOf(record) !== undefined);
      const sequence = last === undefined ? undefined : sequenceOf(last);
      if (sequence !== undefined && (highest === undefined || sequence > highest)) highest = sequence;
    }
  }
  return highest;
}

async function addTopic(cluster: Cluster, topic: string): Promise<void> {
  try {
    await cluster.addMultipleTargetTopics([topic]);
  } catch (error) {
    if (kafkaErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    throw new RelayRefusedError(`topic ${topic} is not there`, { cause: error });
  }
}

function recordOf(topic: string, partition: number, message: FetchedMessage): PublishedRecord {
  const { offset, key, value, timestamp, headers } = message;
  return {
    ...{ topic, partition, offset: Number(offset), timestamp: Number(timestamp) },
    key: key?.toString('utf8') ?? '',
    value: value?.toString('utf8') ?? '',
    headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, String(content)])),
  };
}
