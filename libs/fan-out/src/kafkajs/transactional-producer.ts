import { setTimeout as pause } from 'node:timers/promises';
import { type Kafka, type Producer, type Transaction } from 'kafkajs';
import { FencedError, type LogRecord } from '../relay/port.js';
import { kafkaErrorType } from './connection.js';
import { CompressionTypes, Partitioners } from './library.js';
import { partitionOf } from './partition-of.js';

/** How long the coordinator waits for a relay that died and was not replaced before it gives its transaction up. */
const transactionTimeoutMs = 15_000;
/** How long it may take until a transaction before this one is over, or what was just committed can be read. */
export const settleTimeoutMs = 30_000;

/** The longest that anything may take as a whole: the library has promises that are never kept. */
const attemptTimeoutMs = 60_000;

/**
 * A producer, with what was found when it was opened: used until the first error and never after it. Whatever it still has under way then
 * is completed or shut out by the next one's InitProducerId.
 */
export class UntilFirstError<Opened extends { readonly producer: Producer }> {
  private opened: Opened | undefined;

  /** @param what is not open, when it is not */
  constructor(private readonly what: string) {}

  hold(opened: Opened): void {
    this.opened = opened;
  }

  /** @throws Error when nothing is held; what `act` rejects with, and then nothing is */
  async use(act: (opened: Opened) => Promise<void>): Promise<void> {
    const { opened } = this;
    if (opened === undefined) throw new Error(`the ${this.what} is not open`);
    this.opened = undefined;
    await attempt(opened.producer, () => act(opened));
    this.opened = opened;
  }

  /** Nobody waits for it. */
  discard(): void {
    if (this.opened !== undefined) throwAway(this.opened.producer);
    this.opened = undefined;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.producer.disconnect();
  }
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
