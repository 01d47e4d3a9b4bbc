import { type Position } from '#libs/event-store';
import { type LogRecord, RelayRefusedError } from '../relay/port.js';
import { type ReplayTarget, replayHeader } from '../replay/replay.js';
import { sequenceOf } from '../replay/sequence.js';
import { type Producer } from 'kafkajs';
import { type KafkaConnection } from './connection.js';
import { TopicReader } from './topic-reader.js';
import { attempt, producerOf, sendRecords, settled, UntilFirstError } from './transactional-producer.js';

type Opened = { readonly producer: Producer; readonly partitions: number };

/**
 * A topic that a replay is written to, each batch in one transaction of an id that all replays to this topic share: how far one has come is
 * what the last record says.
 */
export class KafkaReplayTarget implements ReplayTarget {
  private readonly opened = new UntilFirstError<Opened>('target');

  constructor(
    private readonly connection: KafkaConnection,
    private readonly topic: string,
    private readonly transactionalId: string,
  ) {}

  async open(selection: string): Promise<Position | undefined> {
    await this.close();
    const producer = producerOf(this.connection.client(), this.transactionalId);
    const { partitions, position } = await attempt(producer, async () => {
      await producer.connect(); // from here on nobody else writes a replay there
      const reader = await TopicReader.open(this.connection, [this.topic]);
      try {
        const position = await this.whereItStopped(reader, selection);
        return { partitions: reader.partitions(this.topic), position };
      } finally {
        await reader.close();
      }
    });
    this.opened.hold({ producer, partitions });
    return position;
  }

  async write(records: readonly LogRecord[]): Promise<void> {
    const { topic } = this;
    await this.opened.use(async ({ producer, partitions }) => {
      const transaction = await settled(() => producer.transaction());
      const ours = records.map((record) => ({ ...record, topic }));
      await sendRecords(transaction, ours, { prefix: '', partitionsOf: () => partitions });
      await transaction.commit();
    });
  }

  async close(): Promise<void> {
    await this.opened.close();
  }

  /** Batches are committed as a whole and in order, so the highest position of any partition is how far it has come. */
  private async whereItStopped(reader: TopicReader, selection: string): Promise<Position | undefined> {
    let highest: Position | undefined;
    for (const [partition, range] of (await reader.ranges(this.topic)).entries()) {
      const last = await reader.last({ topic: this.topic, partition }, range);
      if (last === undefined) continue;
      const sequence = sequenceOf(last);
      if (sequence === undefined || last.headers[replayHeader] !== selection) {
        throw new RelayRefusedError(
          `topic ${this.topic} has records that are not of this replay: give it a topic of its own`,
        );
      }
      if (highest === undefined || sequence > highest) highest = sequence;
    }
    return highest;
  }
}
