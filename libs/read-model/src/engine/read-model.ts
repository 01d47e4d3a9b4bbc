import {
  type EventStore,
  type Eventually,
  type Position,
  Reclaimer,
  streamDeleted,
  type StoredEvent,
  type Subscription,
  UnavailableError,
} from '#libs/event-store';
import { createQueryIndexes, createTables, mismatch, readCheckpoint, tablesOf } from './checkpoint.js';
import { type ReadModelDatabase, openDatabase } from './database.js';
import { ReadModelBehindError, ReadModelRefusedError } from './errors.js';
import { HeadQuestions } from './head-questions.js';
import { PersistentProjector } from './persistent-projector.js';
import { PositionWaiters } from './position-waiters.js';
import { type EventDecoder, Projector } from './projector.js';
import { rebuildReadModel } from './rebuild.js';

const defaultTimeoutMs = 5_000;
const defaultBatchSize = 1_000;
const freshMs = 1_000;

export type ReadModelOptions = {
  /** Path of the SQLite file, or `:memory:`. */
  readonly file: string;
  readonly store: EventStore;
  readonly codec: EventDecoder;
  /** Events per transaction. */
  readonly batchSize?: number;
  /** Told once, when an event cannot be applied or the log not be followed any more: nothing is applied from then on. */
  readonly onStopped?: (reason: Error) => void;
  /** Milliseconds that only ever go forward; other than `performance.now` in tests. */
  readonly monotonicMs?: () => number;
};

/**
 * `live`: everything that was in the log when the projector started, or when somebody asked since, is applied. `waiting`: the storage
 * does not take or give what comes next, and is tried again. `stopped`: somebody has to look.
 */
export type ReadModelStatus = {
  readonly state: 'catching-up' | 'live' | 'waiting' | 'stopped';
  readonly appliedUpTo: Position | undefined;
  readonly error?: Error;
};

/** This instance's views of the log, and what keeps them up to date. */
export class ReadModel {
  private subscription: Subscription | undefined;
  private live = false;
  /** When a question for the head was last answered and what it named applied. */
  private caughtUpAt = -Infinity;
  private stoppedBy: Error | undefined;
  private readonly waiters = new PositionWaiters();
  private readonly store: EventStore;
  private readonly onStopped: (reason: Error) => void;
  private readonly monotonicMs: () => number;
  private readonly questions: HeadQuestions;
  private readonly reclaimer: Reclaimer;

  private constructor(
    readonly db: ReadModelDatabase,
    private readonly projector: PersistentProjector,
    { store, onStopped = () => undefined, monotonicMs = () => performance.now() }: ReadModelOptions,
  ) {
    this.onStopped = onStopped;
    this.store = store;
    this.monotonicMs = monotonicMs;
    this.questions = new HeadQuestions(() => store.head());
    this.reclaimer = new Reclaimer(db);
  }

  /**
   * Opens the file, creating it when absent, and building it anew when another version of the projections wrote it. Applies nothing yet.
   *
   * @throws ReadModelRefusedError when the file cannot be read, or has not come from this store
   * @throws UnavailableError when the store cannot be asked
   */
  static async open(options: ReadModelOptions): Promise<ReadModel> {
    const { file, store, codec, batchSize = defaultBatchSize } = options;
    let db = openOrRefuse(file);
    try {
      if (tablesOrRefuse(db, file) === 'other') {
        db.close();
        await rebuildReadModel({ file, store, codec });
        db = openOrRefuse(file);
      }
      if (tablesOf(db) === 'none') {
        createTables(db);
        createQueryIndexes(db);
      }
      const checkpoint = readCheckpoint(db);
      const problem = checkpoint === undefined ? undefined : await mismatch(checkpoint, store);
      if (problem !== undefined) throw new ReadModelRefusedError(file, problem);
      return new ReadModel(db, new PersistentProjector(new Projector(db, codec, batchSize)), options);
    } catch (error) {
      if (db.isOpen) db.close();
      throw error;
    }
  }

  /** The position of the last event seen. */
  get appliedUpTo(): Position | undefined {
    return this.projector.appliedUpTo;
  }

  /** Follows the log from the checkpoint on. */
  start(): void {
    if (this.subscription !== undefined || this.stoppedBy !== undefined) return;
    this.subscription = this.store.subscribe(this.appliedUpTo, (events) => this.take(events));
    this.subscription.failed.catch((error: unknown) => {
      this.stop(asError(error));
      this.onStopped(asError(error));
    });
    this.catchUp(Infinity)?.catch(() => undefined); // for the status only; when the store is away, whoever asks next finds out
  }

  /**
   * Waits until what stands at a position is applied; returns at once when it is.
   *
   * @throws ReadModelBehindError (rejects with it) after `timeoutMs`, or at once when the projector has stopped
   */
  waitFor(position: Position, timeoutMs = defaultTimeoutMs): Eventually<void> {
    if (this.appliedUpTo !== undefined && this.appliedUpTo >= position) return;
    if (this.stoppedBy !== undefined) return Promise.reject(behind('the read model has stopped', this.stoppedBy));
    return this.waiters.add(position, timeoutMs);
  }

  /**
   * Waits until everything acknowledged before the call is applied. Callers share questions to the store, but none joins one that
   * was asked before it came. Returns at once when the store answers at once and nothing is left to apply.
   *
   * @throws ReadModelBehindError (rejects with it) after `timeoutMs`, when the store is unavailable, or when the projector has stopped
   */
  catchUp(timeoutMs = defaultTimeoutMs): Eventually<void> {
    const head = this.questions.ask(timeoutMs);
    if (head instanceof Promise) return this.catchUpLater(head, timeoutMs);
    const pending = head === undefined ? undefined : this.waitFor(head, timeoutMs);
    if (pending !== undefined) return pending.then(() => this.caughtUp());
    this.caughtUp();
  }

  /** Whether it knew less than a second ago that everything acknowledged by then was applied (`INTROSPECTION_CONSISTENCY=bounded`). */
  isFresh(): boolean {
    return this.stoppedBy === undefined && this.monotonicMs() - this.caughtUpAt < freshMs;
  }

  /** Where the projector is; what stopped it, if something did. */
  status(): ReadModelStatus {
    const { appliedUpTo } = this;
    if (this.stoppedBy !== undefined) return { state: 'stopped', appliedUpTo, error: this.stoppedBy };
    const trouble = this.projector.fault ?? this.subscription?.trouble;
    if (trouble !== undefined) return { state: 'waiting', appliedUpTo, error: trouble };
    return { state: this.live ? 'live' : 'catching-up', appliedUpTo };
  }

  /** To be called when the clean-up has removed rows. */
  giveBackSpace(): void {
    this.reclaimer.soon();
  }

  /** Stops following the log; whoever still waits is refused. */
  async close(): Promise<void> {
    this.reclaimer.close();
    this.projector.close();
    await this.subscription?.close();
    this.stop(new Error('the read model is closed'));
    if (this.db.isOpen) this.db.close();
  }

  private async catchUpLater(asked: Promise<Position | undefined>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const head = await asked.catch((error: unknown) => {
      if (error instanceof UnavailableError)
        throw behind(`the event store cannot be asked for its head: ${error.message}`, error);
      throw error;
    });
    const pending = head === undefined ? undefined : this.waitFor(head, Math.max(0, deadline - performance.now()));
    if (pending !== undefined) await pending;
    this.caughtUp();
  }

  private caughtUp(): void {
    this.live = true;
    this.caughtUpAt = this.monotonicMs();
  }

  private take(events: readonly StoredEvent[]): Eventually<void> {
    const done = (): void => {
      this.applied();
      if (events.some(({ type }) => type === streamDeleted)) this.reclaimer.soon();
    };
    const pending = this.projector.apply(events);
    if (pending !== undefined) return pending.then(done);
    done();
    return undefined;
  }

  private applied(): void {
    const { appliedUpTo } = this;
    if (appliedUpTo !== undefined) this.waiters.reached(appliedUpTo);
  }

  private stop(error: Error): void {
    this.applied(); // what lies before the failure may have been applied
    this.stoppedBy ??= error;
    this.waiters.refuse(behind('the read model has stopped', this.stoppedBy));
  }
}

function behind(message: string, cause: unknown): ReadModelBehindError {
  return new ReadModelBehindError(message, { cause });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function openOrRefuse(file: string): ReadModelDatabase {
  try {
    return openDatabase(file);
  } catch (error) {
    throw new ReadModelRefusedError(file, `cannot be opened (${asError(error).message})`, { cause: error });
  }
}

function tablesOrRefuse(db: ReadModelDatabase, file: string): ReturnType<typeof tablesOf> {
  try {
    return tablesOf(db);
  } catch (error) {
    throw new ReadModelRefusedError(file, `cannot be read (${asError(error).message})`, { cause: error });
  }
}
