import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer } from 'kafkajs';
import { type RelayTurns } from '../relay/port.js';
import { type KafkaConnection } from './connection.js';
import { positionTopicOf } from './kafka-publisher.js';

const sessionMs = 6_000;
const heartbeatMs = 1_500;
/** The library heartbeats between fetches only. */
const fetchWaitMs = 1_000;
/** A member that has heard nothing from its group for this long is replaced: the library may have ended without a word. */
const silenceMs = 15_000;
const pauseBeforeRetryMs = 1_000;

/**
 * Turns by a consumer group on the topic of positions: whoever is assigned its one partition tries.
 *
 * While nothing is heard from the group, what was heard last stays true: a relay goes on until it is fenced.
 */
export class KafkaTurns implements RelayTurns {
  mine = false;
  private readonly ending = new AbortController();
  private readonly waiting = new Set<() => void>();
  private confirmedAt = 0;
  private heardAt = 0;
  private readonly ended: Promise<void>;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly prefix: string,
  ) {
    this.ended = this.stayMember();
  }

  async wait(signal: AbortSignal, afresh: boolean): Promise<void> {
    const since = afresh ? performance.now() : 0;
    while (!signal.aborted && !(this.mine && this.confirmedAt >= since)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.waiting.add(done);
        signal.addEventListener('abort', done);
      });
    }
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.ended;
  }

  /** Is a member of the group, in one consumer after another, until closed. */
  private async stayMember(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      const consumer = this.connection.client().consumer({
        groupId: `${this.prefix}relay`,
        sessionTimeout: sessionMs,
        rebalanceTimeout: sessionMs,
        heartbeatInterval: heartbeatMs,
        maxWaitTimeInMs: fetchWaitMs,
        allowAutoTopicCreation: false,
        retry: { retries: 3, restartOnFailure: async () => false },
      });
      try {
        await this.beMember(consumer, signal);
      } catch {
        // no broker to be a member with: the publisher says so, and the next attempt follows
      }
      const left = consumer.disconnect().catch(() => undefined);
      if (signal.aborted) await Promise.race([left, pause(sessionMs, undefined, { ref: false })]);
      else await pause(pauseBeforeRetryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the member is of no use any more, or the end has come. */
  private async beMember(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const topic = positionTopicOf(this.prefix);
    const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH, STOP } = consumer.events;
    let over = false;
    consumer.on(GROUP_JOIN, ({ payload }) => this.joined(topic in payload.memberAssignment));
    consumer.on(HEARTBEAT, () => this.confirmed());
    consumer.on(FETCH, () => (this.heardAt = performance.now()));
    consumer.on(CRASH, () => (over = true));
    consumer.on(STOP, () => (over = true));
    this.heardAt = performance.now();
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ autoCommit: false, eachBatch: async () => undefined });
    while (!over && !signal.aborted && performance.now() - this.heardAt < silenceMs) {
      await pause(heartbeatMs / 3, undefined, { signal }).catch(() => undefined);
    }
  }

  private joined(mine: boolean): void {
    this.mine = mine;
    this.confirmed();
  }

  private confirmed(): void {
    this.confirmedAt = performance.now();
    this.heardAt = this.confirmedAt;
    for (const wake of this.waiting) wake();
  }
}
