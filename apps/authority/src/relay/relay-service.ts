import { type EventCodec, type EventStore, UnavailableError } from '#libs/event-store';
import {
  type KafkaConnection,
  KafkaPublisher,
  KafkaTurns,
  Relay,
  type RelayLag,
  RelayRefusedError,
  type RelayStatus,
  alwaysMine,
  ensureTopics,
  recordsOf,
  topics,
} from '#libs/fan-out';
import { setTimeout as pause } from 'node:timers/promises';
import { type KafkaConfiguration } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { connectionTo, logIdOf, topicOptions } from './kafka-options.js';

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * What the relay reads from, and what it says of itself. `codec` gives one that has no key in memory that was deleted.
 * `instance` names the relay among several; `alone`: there can be no other, since the log belongs to this process.
 */
export type RelayServiceOptions = {
  readonly kafka: KafkaConfiguration;
  readonly issuer: string;
  readonly store: EventStore;
  readonly codec: () => EventCodec;
  readonly instance: string;
  readonly alone: boolean;
  readonly clock: () => Date;
  readonly applicationLog: ApplicationLog;
};

/**
 * The relay of this process: makes or checks the topics, then publishes the log for as long as the process runs. Kafka may be away at any
 * time; nothing else of the process waits for it.
 */
export class RelayService {
  private readonly ending = new AbortController();
  private readonly connection: KafkaConnection;
  private relay: Relay | undefined;
  private trouble: string | undefined = 'it is starting';
  private readonly finished: Promise<void>;

  constructor(private readonly options: RelayServiceOptions) {
    this.connection = connectionTo(options.kafka);
    this.finished = this.run();
    this.finished.catch(() => undefined); // whoever wants to know asks for `ended`
  }

  /** Resolves after `close`; rejects with RelayRefusedError when somebody has to look before it can go on. */
  get ended(): Promise<void> {
    return this.finished;
  }

  /** One line; undefined while it publishes, or stands by for another one. */
  whyNot(): string | undefined {
    if (this.relay === undefined) return this.trouble;
    const { state, error } = this.relay.status();
    if (state === 'publishing' || state === 'standing by') return undefined;
    return `${state}: ${error?.message ?? 'no reason is known yet'}`;
  }

  /** Undefined until the topics are there. */
  status(): RelayStatus | undefined {
    return this.relay?.status();
  }

  /** Undefined while the event store, or the position, is not known. */
  async lag(): Promise<RelayLag | undefined> {
    try {
      return await this.relay?.lag();
    } catch (error) {
      if (error instanceof UnavailableError) return undefined;
      throw error;
    }
  }

  /** Finishes the batch that is under way. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.relay?.close();
    await this.finished.catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { logger } = this.options.applicationLog;
    try {
      const logId = await this.ready();
      if (logId === undefined) return;
      this.relay = this.makeRelay(logId);
      await this.relay.run();
    } catch (error) {
      this.trouble = `stopped: ${error instanceof Error ? error.message : String(error)}`;
      logger.error({ err: error }, 'the relay to Kafka has stopped');
      throw error;
    }
  }

  /** The log's id, once the topics can be trusted; undefined at the end. @throws RelayRefusedError */
  private async ready(): Promise<string | undefined> {
    const { kafka, store, applicationLog } = this.options;
    for (let pauseMs = firstPauseMs; !this.ending.signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        for (const warning of await ensureTopics(this.connection, topicOptions(kafka))) {
          applicationLog.logger.warn(warning);
        }
        return await logIdOf(store);
      } catch (error) {
        if (error instanceof RelayRefusedError) throw error;
        this.trouble = `Kafka or the event store cannot be reached: ${String(error)}`;
        applicationLog.logger.warn({ reason: String(error) }, 'the relay cannot start yet, it is tried again');
      }
      await pause(pauseMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
    return undefined;
  }

  private makeRelay(logId: string): Relay {
    const { kafka, issuer, store, codec, instance, alone, clock, applicationLog } = this.options;
    const { topicPrefix: prefix, subjects, tokenEvents, start: startAt } = kafka;
    const { connection } = this;
    return new Relay({
      ...{ store, logId, startAt, clock },
      mapping: () => recordsOf({ store, codec: codec(), subjects, tokenEvents, issuer }),
      publisher: new KafkaPublisher({ connection, prefix, logId, topics, instance }),
      turns: alone ? alwaysMine : new KafkaTurns(connection, prefix),
      notice: (text) => applicationLog.logger.warn(text),
    });
  }
}
