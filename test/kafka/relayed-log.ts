import { setTimeout as pause } from 'node:timers/promises';
import { uuidV4 } from '#libs/crypto';
import { type EventStore, openEventStoreDb } from '#libs/event-store';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { ensureTopics, KafkaConnection } from '#libs/fan-out';
import { until } from '#libs/harness';
import { expectPublished } from './published.js';
import { RelayUnderTest, type RelayUnderTestOptions } from './relay-under-test.js';

const partitions = 3;
const caughtUpMs = 60_000;
let made = 0;

/** A log, topics of its own, and relays in processes between them. */
export class RelayedLog {
  private readonly relays: RelayUnderTest[] = [];

  private constructor(
    private readonly brokers: readonly string[],
    readonly prefix: string,
    private readonly log: EventStoreDbDouble,
    private readonly store: EventStore,
  ) {}

  static async on(brokers: readonly string[], replication: 1 | 3 = 1): Promise<RelayedLog> {
    const log = await startEventStoreDbDouble();
    const store = await openEventStoreDb({ url: log.url, prefix: 'hydrant.' });
    made += 1;
    const prefix = `relayed-${made}.`;
    const connection = new KafkaConnection({ brokers, clientId: 'relay-test' });
    const minInsyncReplicas = replication === 3 ? 2 : 1;
    await ensureTopics(connection, {
      ...{ prefix, topics: ['client.v1'], partitions, replication, minInsyncReplicas, retentionMs: -1 },
    });
    return new RelayedLog(brokers, prefix, log, store);
  }

  get topic(): string {
    return `${this.prefix}client.v1`;
  }

  relay(name: string, options: Partial<RelayUnderTestOptions> = {}): RelayUnderTest {
    const { log, brokers, prefix } = this;
    const one = new RelayUnderTest(name, { store: log.url, brokers, prefix, ...options });
    this.relays.push(one);
    return one;
  }

  /** Appends so many events to a few streams, with pauses, so that they are not all there at once. */
  async append(count: number, atOnce: number, pauseMs = 50): Promise<void> {
    for (let done = 0; done < count; done += atOnce) {
      const stream = `client-${Math.floor(Math.random() * 12)}`;
      const size = Math.min(atOnce, count - done);
      const added = Array.from({ length: size }, () => ({
        ...{ id: uuidV4(), type: 'Happened', data: '{}', metadata: '{}' },
      }));
      const expectedRevision = (await this.store.readStream(stream)).length - 1;
      await this.store.append(stream, added, { expectedRevision });
      await pause(pauseMs);
    }
  }

  /** One of them says that it has published all there is. */
  async caughtUp(some: readonly RelayUnderTest[] = this.relays): Promise<void> {
    const head = await this.store.head();
    await until(
      `${head} is published`,
      async () => {
        if (some.some(({ fallen }) => fallen)) throw new Error('a relay has ended by itself');
        return some.some(({ output }) => output.includes(`at ${head}.`));
      },
      caughtUpMs,
    ).catch((error: unknown) => {
      throw new Error(some.map(({ output }) => output.slice(-1_500)).join('\n'), { cause: error });
    });
  }

  /** The one whose last word is that it publishes. */
  async publishing(some: readonly RelayUnderTest[] = this.relays): Promise<RelayUnderTest> {
    let found: RelayUnderTest | undefined;
    await until(
      'one publishes',
      async () => {
        found = some.find(({ output }) => output.trimEnd().split('\n').at(-1)?.includes('publishing at') === true);
        return found !== undefined;
      },
      caughtUpMs,
    );
    return found!;
  }

  /** Ends the relays in good order. */
  async stopRelays(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.stop()));
  }

  /** Everything that was appended is in the topic as it has to be. */
  expectPublished(): Promise<number> {
    return expectPublished(this.brokers, [this.topic, partitions], this.store);
  }

  /** Kills the relays that are left. */
  async close(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.kill()));
    await this.store.close();
    await this.log.close();
  }
}
