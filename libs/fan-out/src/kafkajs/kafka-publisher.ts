import { setTimeout as pause } from 'node:timers/promises';
import { type Kafka, type Producer, type RecordMetadata, type Transaction } from 'kafkajs';
import {
  FencedError,
  type LogPublisher,
  type LogRecord,
  type RelayPosition,
  RelayRefusedError,
} from '../relay/port.js';
import { type KafkaConnection, kafkaErrorType } from './connection.js';
import { clusterOf } from './internals.js';
import { encodePosition, fenceKey, lastPosition, positionKey, type StoredPosition } from './last-position.js';
import { CompressionTypes, Partitioners } from './library.js';
import { partitionOf } from './partition-of.js';

/** How long the coordinator waits for a relay that died and was not replaced before it gives its transaction up. */
const transactionTimeoutMs = 15_000;
/** How long it may take until a transaction before this one is over, or what was just committed can be read. */
const settleTimeoutMs = 30_000;

/** The longest that anything may take as a whole: the library has promises that are never kept. */
const attemptTimeoutMs = 60_000;

/** `topics` without the prefix: all that will be published to. `instance` names this relay in the records of its openings. */
export type KafkaPublisherOptions = {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly logId: string;
  readonly topics: readonly string[];
  readonly instance: string;
};

type Opened = { readonly producer: Producer; readonly partitions: Readonly<Record<string, number>> };

/**
 * Publishes by Kafka's transactions under an id that all relays of a log share.
 *
 * Every producer is used until the first error and never after it: it is thrown away without waiting, since whatever it still has under way
 * is completed or shut out by the next one's InitProducerId.
 */
export class KafkaPublisher implements LogPublisher {
  private opened: Opened | undefined;
  private readonly positionTopic: string;
  private readonly transactionalId: string;

  constructor(private readonly options: KafkaPublisherOptions) {
    this.positionTopic = positionTopicOf(options.prefix);
    this.transactionalId = `${options.prefix}relay.${options.logId}`;
  }

  async open(): Promise<RelayPosition | undefined> {
    return this.openWith(sameCounts);
  }

  /** Opens it whatever became of the topics: the next position that is published says what they are from then on. */
  async openAnew(): Promise<RelayPosition | undefined> {
    return this.openWith(() => undefined);
  }

  private async openWith(check: CheckCounts): Promise<RelayPosition | undefined> {
    this.discard();
    const client = this.options.connection.client();
    const producer = producerOf(client, this.transactionalId);
    const { last, partitions } = await attempt(producer, async () => {
      await producer.connect();
      return this.look(client, await this.fence(producer), check);
    });
    this.opened = { producer, partitions };
    return last?.position;
  }

  async publish(records: readonly LogRecord[], position: RelayPosition): Promise<void> {
    const { opened } = this;
    if (opened === undefined) throw new Error('the publisher is not open');
    const { producer, partitions } = opened;
    this.opened = undefined; // after an error it is not used again
    await attempt(producer, async () => {
      const transaction = await producer.transaction();
      await this.sendFirst(transaction, positionKey, encodePosition({ position, partitions }));
      if (records.length === 0) return transaction.commit();
      const { prefix } = this.options;
      await sendRecords(transaction, records, { prefix, partitionsOf: (topic) => countOf(topic, partitions) });
      await transaction.commit();
    });
    this.opened = opened;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.producer.disconnect();
  }

  /** InitProducerId, and a record of our own at the end of the topic of positions. @returns its offset */
  private async fence(producer: Producer): Promise<number> {
    const transaction = await settled(() => producer.transaction());
    const value = JSON.stringify({ instance: this.options.instance });
    const [sent] = await this.sendFirst(transaction, fenceKey, value);
    if (sent?.baseOffset === undefined) throw new Error('no offset came back');
    await transaction.commit();
    return Number(sent.baseOffset);
  }

  private async look(
    client: Kafka,
    fence: number,
    check: CheckCounts,
  ): Promise<{ last: StoredPosition | undefined; partitions: Readonly<Record<string, number>> }> {
    const { prefix, topics } = this.options;
    const cluster = clusterOf(client);
    try {
      await cluster.connect();
      await cluster.addMultipleTargetTopics([this.positionTopic, ...topics.map((topic) => prefix + topic)]);
      const last = await lastPosition(cluster, {
        topic: this.positionTopic,
        offset: fence,
        deadline: performance.now() + settleTimeoutMs,
      });
      const partitions: Record<string, number> = {};
      for (const topic of topics) {
        const count = cluster.findTopicPartitionMetadata(prefix + topic).length;
        check(prefix + topic, count, last?.partitions[topic] ?? count);
        partitions[topic] = count;
      }
      return { last, partitions };
    } finally {
      cluster.disconnect().catch(() => undefined);
    }
  }

  /**
   * The first record of a transaction, on its own: where the one before is not over yet, nothing of this one was written, and it can be
   * sent again. The library has registered nothing by then.
   */
  private sendFirst(transaction: Transaction, key: string, value: string): Promise<RecordMetadata[]> {
    return settled(() => transaction.send({ topic: this.positionTopic, messages: [{ key, value, partition: 0 }] }));
  }

  private discard(): void {
    if (this.opened !== undefined) throwAway(this.opened.producer);
    this.opened = undefined;
  }
}

type CheckCounts = (topic: string, count: number, before: number) => void;

/** @throws RelayRefusedError when a topic has another number of partitions than before */
function sameCounts(topic: string, count: number, before: number): void {
  if (count === before) return;
  throw new RelayRefusedError(
    `topic ${topic} has ${count} partitions and had ${before}: keys are in other partitions than before`,
  );
}

export function positionTopicOf(prefix: string): string {
  return `${prefix}relay.v1`;
}

function countOf(topic: string, partitions: Opened['partitions']): number {
  const count = partitions[topic];
  if (count === undefined || count === 0) throw new Error(`topic ${topic} was not there when this was opened`);
  return count;
}

/** A producer that is used until the first error. */
export function producerOf(client: Kafka, transactionalId: string): Producer {
  return client.producer({
    transactionalId,
    transactionTimeout: transactionTimeoutMs,
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    createPartitioner: Partitioners.DefaultPartitioner, // every message names its partition
  });
}

/** Sends to partitions among as many as the topics had when the producer was opened: new ones take no keys away from the old. */
export async function sendRecords(
  transaction: Transaction,
  records: readonly LogRecord[],
  { prefix, partitionsOf }: { prefix: string; partitionsOf: (topic: string) => number },
): Promise<void> {
  const asked = new Set<string>();
  const topicMessages = [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic: prefix + topic,
    messages: ofTopic.map(({ key, value, headers, timestamp }) => {
      const partition = partitionOf(key, partitionsOf(topic));
      asked.add(`${prefix}${topic} ${partition}`);
      return { key, value, partition, headers: { ...headers }, timestamp: String(timestamp) };
    }),
  }));
  const sent = await transaction.sendBatch({ topicMessages, compression: CompressionTypes.GZIP });
  // the library leaves a partition out when it has not heard of it
  for (const { topicName, partition } of sent) asked.delete(`${topicName} ${partition}`);
  if (asked.size > 0) throw new Error(`no answer about partition ${[...asked].join(', ')}`);
}

/** Does what the coordinator refuses for as long as it has not finished the transaction before. */
export async function settled<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + settleTimeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (kafkaErrorType(error) !== 'CONCURRENT_TRANSACTIONS' || performance.now() > deadline) throw error;
    }
    await pause(5 + Math.random() * 15);
  }
}

/** Does something with a producer within bounds of time. After an error the producer is gone, and nobody waits for it. */
export async function attempt<Result>(producer: Producer, act: () => Promise<Result>): Promise<Result> {
  const timeout = new AbortController();
  const late = pause(attemptTimeoutMs, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`Kafka was not done after ${attemptTimeoutMs} ms`);
  });
  try {
    return await Promise.race([act(), late]);
  } catch (error) {
    throwAway(producer);
    throw typed(error);
  } finally {
    late.catch(() => undefined);
    timeout.abort();
  }
}

function throwAway(producer: Producer): void {
  producer.disconnect().catch(() => undefined);
}

function typed(error: unknown): unknown {
  const type = kafkaErrorType(error);
  if (type === 'INVALID_PRODUCER_EPOCH' || type === 'PRODUCER_FENCED') {
    return new FencedError('another relay publishes this log', { cause: error });
  }
  return error;
}
