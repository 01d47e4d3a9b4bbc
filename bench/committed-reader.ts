import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Consumer } from 'kafkajs';

/** A member of a group of its own that reads committed records, and remembers when each came. */
export class CommittedReader {
  /** By the event's id, in milliseconds of the clock that all processes of the machine share. */
  readonly arrivals = new Map<string, number>();

  private constructor(private readonly consumer: Consumer) {}

  /** Resolves when the group has given it the topics' partitions. */
  static async follow(brokers: readonly string[], topics: readonly string[]): Promise<CommittedReader> {
    const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'reader', logLevel: kafkajs.logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: `reader-of-${topics[0]}`, readUncommitted: false });
    const reader = new CommittedReader(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const now = Number(process.hrtime.bigint()) / 1e6;
        for (const { headers } of batch.messages) reader.arrivals.set(String(headers?.['ce_id']), now);
      },
    });
    await joined;
    return reader;
  }

  /** Resolves when nothing has come for a second. */
  async quiet(): Promise<void> {
    for (let seen = -1; seen < this.arrivals.size;) {
      seen = this.arrivals.size;
      await pause(1_000);
    }
  }

  close(): Promise<void> {
    return this.consumer.disconnect();
  }
}
