import { setTimeout as pause } from 'node:timers/promises';
import { type EventStore, type Position, type StoredEvent } from '#libs/event-store';
import { type Batch, Batches } from './batches.js';
import { EventQueue } from './event-queue.js';
import { measureLag, type RelayLag } from './lag.js';
import {
  behind,
  FencedError,
  type LogPublisher,
  type MapEvent,
  type RelayPosition,
  RelayRefusedError,
  type RelayTurns,
} from './port.js';
import { checkSameLog } from './same-log.js';

const usualFirstPauseMs = 100;
const longestPause = 50;
/** Positions with nothing to publish are recorded no more often than this. */
const idleRecordMs = 1_000;
/** How soon it is noticed that it is another relay's turn, while the log is quiet. */
const lookMs = 500;

/**
 * `mapping`: made anew at each opening and behind each erasure of a person, so that it has in memory nobody who was erased meanwhile.
 * `startAt`: where to begin when nothing was ever published. `notice` gets one line about what goes wrong and what comes of it.
 * `firstPauseMs` (100) is how long it waits after a first error; each further one doubles it, up to fifty times as much.
 */
export type RelayOptions = {
  readonly store: EventStore;
  readonly logId: string;
  readonly mapping: () => MapEvent;
  readonly publisher: LogPublisher;
  readonly turns: RelayTurns;
  readonly startAt: 'beginning' | 'now';
  readonly clock: () => Date;
  readonly notice: (text: string) => void;
  readonly firstPauseMs?: number;
};

/**
 * `standing by`: it is another relay's turn. `opening`: shutting out who published before. `publishing`: up to date or catching up.
 * `waiting`: until the next attempt, after an error. `stopped`: somebody has to look.
 */
export type RelayState = 'standing by' | 'opening' | 'publishing' | 'waiting' | 'stopped' | 'closed';

/** `position`: up to where this relay knows the log to be published. `error`: why it is not publishing; the last one. */
export type RelayStatus = {
  readonly state: RelayState;
  readonly position: Position | undefined;
  readonly published: Readonly<Record<string, number>>;
  readonly error: { readonly message: string; readonly at: Date } | undefined;
};

/**
 * Publishes the log: follows it behind the position that the publisher has, in batches that each move it.
 *
 * Whatever goes wrong, it opens the publisher again and follows the log anew behind what that says; what was under way counts as unknown
 * until then.
 */
export class Relay {
  private readonly ending = new AbortController();
  private readonly published: Record<string, number> = {};
  private state: RelayState = 'standing by';
  private position: Position | undefined;
  private error: RelayStatus['error'];
  private running: Promise<void> | undefined;
  /** Counts batches that were published, so that attempts without any can be told. */
  private steps = 0;

  constructor(private readonly options: RelayOptions) {}

  /**
   * Publishes until `close`.
   *
   * @throws RelayRefusedError (rejects with it) when somebody has to look before it can go on
   */
  run(): Promise<void> {
    this.running ??= this.attempts().catch((error: unknown) => {
      this.state = 'stopped';
      this.remember(error);
      throw error;
    });
    return this.running;
  }

  status(): RelayStatus {
    const { state, position, published, error } = this;
    return { state, position, published: { ...published }, error };
  }

  /**
   * Undefined while this relay does not know how far the log is published: before it has opened the publisher, and in another one's turn.
   *
   * @throws UnavailableError when the log cannot be asked
   */
  async lag(): Promise<RelayLag | undefined> {
    const { state, position } = this;
    if (state === 'standing by' || (position === undefined && state !== 'publishing')) return undefined;
    return measureLag(this.options.store, position, this.options.clock());
  }

  /** Finishes the batch that is under way. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.running?.catch(() => undefined);
    await Promise.allSettled([this.options.publisher.close(), this.options.turns.close()]);
    this.state = 'closed';
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private async attempts(): Promise<void> {
    const { turns, notice } = this.options;
    let fenced = false;
    for (let failures = 0; !this.ended;) {
      const { steps } = this;
      try {
        if (fenced || !turns.mine) this.state = 'standing by';
        await turns.wait(this.ending.signal, fenced);
        fenced = false;
        if (this.ended) return;
        await this.attempt();
        continue;
      } catch (error) {
        if (error instanceof RelayRefusedError) throw error;
        fenced = error instanceof FencedError;
        this.remember(error);
        failures = this.steps > steps ? 0 : failures + 1;
        this.state = 'waiting';
        notice(`publishing stands at position ${this.position ?? 'none'}, it is tried again: ${String(error)}`);
      }
      await this.pause(failures);
    }
  }

  /** One opening of the publisher and all that is published until an error, the end, or another relay's turn. */
  private async attempt(): Promise<void> {
    const { store, publisher } = this.options;
    this.state = 'opening';
    const from = (await publisher.open()) ?? (await this.firstPosition());
    if (from !== undefined) await checkSameLog(from, store, this.options.logId);
    this.position = behind(from?.position);
    const queue = new EventQueue();
    const subscription = store.subscribe(this.position, (events) => queue.put(events));
    subscription.failed.catch((error: unknown) => queue.fail(error));
    const end = (): void => queue.close();
    this.ending.signal.addEventListener('abort', end);
    try {
      await this.follow(new Batches(queue, this.options.mapping));
    } finally {
      this.ending.signal.removeEventListener('abort', end);
      queue.close();
      await subscription.close();
    }
  }

  private async follow(batches: Batches): Promise<void> {
    this.state = 'publishing';
    this.error = undefined;
    let seen = this.position;
    let unrecorded: RelayPosition | undefined;
    let recordedAt = performance.now();
    while (!this.ended && this.options.turns.mine) {
      const batch = await batches.next(lookMs);
      if (batch.last !== undefined) {
        unrecorded = this.positionOf(batch.last, batch.beforeLast?.position ?? seen);
        seen = batch.last.position;
      }
      const due = performance.now() - recordedAt >= idleRecordMs || batch.refused !== undefined;
      if (unrecorded !== undefined && (batch.records.length > 0 || due)) {
        await batches.mapDuring(this.options.publisher.publish(batch.records, unrecorded));
        this.count(batch, unrecorded);
        unrecorded = undefined;
        recordedAt = performance.now();
      }
      if (batch.refused !== undefined) throw batch.refused;
    }
  }

  /** Recorded before anything is published, so that a restart does not move it. */
  private async firstPosition(): Promise<RelayPosition | undefined> {
    const { store, publisher, startAt, logId } = this.options;
    const head = startAt === 'now' ? await store.head() : undefined;
    if (head === undefined) return undefined;
    const first = { position: head, eventId: undefined, previous: undefined, logId };
    await publisher.publish([], first);
    return first;
  }

  private positionOf({ position, id }: StoredEvent, previous: Position | undefined): RelayPosition {
    return { position, eventId: id, previous, logId: this.options.logId };
  }

  private count({ records }: Batch, { position }: RelayPosition): void {
    for (const { topic } of records) this.published[topic] = (this.published[topic] ?? 0) + 1;
    this.position = position;
    this.steps += 1;
  }

  private remember(error: unknown): void {
    this.error = { message: String(error), at: this.options.clock() };
  }

  private async pause(failures: number): Promise<void> {
    const { firstPauseMs = usualFirstPauseMs } = this.options;
    const ms = firstPauseMs * Math.min(longestPause, 2 ** failures) * (0.5 + Math.random() / 2);
    await pause(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }
}
