import { type Kafka, type Producer, type RecordMetadata, type Transaction } from 'kafkajs';
import { type LogPublisher, type LogRecord, type RelayPosition, RelayRefusedError } from '../relay/port.js';
import { type KafkaConnection } from './connection.js';
import { clusterOf } from './internals.js';
import { encodePosition, fenceKey, lastPosition, positionKey, type StoredPosition } from './last-position.js';
import {
  attempt,
  producerOf,
  sendRecords,
  settled,
  settleTimeoutMs,
  UntilFirstError,
} from './transactional-producer.js';

/** `topics` without the prefix: all that will be published to. `instance` names this relay in the records of its openings. */
export type KafkaPublisherOptions = {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly logId: string;
  readonly topics: readonly string[];
  readonly instance: string;
};

type Opened = { readonly producer: Producer; readonly partitions: Readonly<Record<string, number>> };

/** Publishes by Kafka's transactions under an id that all relays of a log share. */
export class KafkaPublisher implements LogPublisher {
  private readonly opened = new UntilFirstError<Opened>('publisher');
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
    this.opened.discard();
    const client = this.options.connection.client();
    const producer = producerOf(client, this.transactionalId);
    const { last, partitions } = await attempt(producer, async () => {
      await producer.connect();
      return this.look(client, await this.fence(producer), check);
    });
    this.opened.hold({ producer, partitions });
    return last?.position;
  }

  async publish(records: readonly LogRecord[], position: RelayPosition): Promise<void> {
    await this.opened.use(async ({ producer, partitions }) => {
      const transaction = await producer.transaction();
      await this.sendFirst(transaction, positionKey, encodePosition({ position, partitions }));
      if (records.length === 0) return transaction.commit();
      const { prefix } = this.options;
      await sendRecords(transaction, records, { prefix, partitionsOf: (topic) => countOf(topic, partitions) });
      await transaction.commit();
    });
  }

  async close(): Promise<void> {
    await this.opened.close();
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
