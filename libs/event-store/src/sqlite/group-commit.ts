import { type DatabaseSync } from 'node:sqlite';
import { EventStoreError, OutcomeUnknownError, UnavailableError } from '../errors.js';
import { type StorageFault, resultCodeOf, storageFaultOf } from './storage-fault.js';

const maxGroupSize = 1_000;
const probeMs = 1_000;
/** SQLITE_IOERR_WRITE: the frame that would have made the transaction count was not written. */
const ioErrorOnWrite = 778;

type Write = { run: () => unknown; resolve: (result: never) => void; reject: (reason: unknown) => void };
type Outcome = { result: unknown } | { refusal: EventStoreError };

/**
 * Lets all writes that arrive in one turn of the event loop share one transaction, that is, one wait for the disk.
 *
 * A write refuses itself by throwing an `EventStoreError` before it has changed anything; the others go on. Any other failure
 * rolls back the whole group. Nobody is answered before the commit.
 *
 * After a fault of the storage it commits something of no meaning once a second until that succeeds: who is told not to send requests
 * here would otherwise never learn that they may again.
 */
export class GroupCommit {
  private waiting: Write[] = [];
  private scheduled = false;
  private probe: NodeJS.Timeout | undefined;
  private closed = false;
  /** What the last transaction found wrong with the storage. */
  fault: StorageFault | undefined;

  /**
   * @param onCommitted runs after the writers were answered, in the same turn, before their continuations
   * @param onRolledBack runs when nothing of a group was kept
   */
  constructor(
    private readonly db: DatabaseSync,
    private readonly onCommitted: () => void,
    private readonly onRolledBack: () => void,
  ) {}

  submit<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run, resolve, reject });
      this.schedule();
    });
  }

  /** Writes everything that waits, now, and nothing after it. */
  close(): void {
    while (this.waiting.length > 0) this.commitGroup();
    this.closed = true;
    clearTimeout(this.probe);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (this.waiting.length === 0) return;
      this.commitGroup();
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private commitGroup(): void {
    const group = this.waiting.slice(0, maxGroupSize);
    this.waiting = this.waiting.slice(maxGroupSize);
    let outcomes: Outcome[];
    let committing = false;
    try {
      this.begin();
      outcomes = group.map(outcomeOf);
      committing = true;
      this.db.exec('COMMIT');
      this.fault = undefined;
    } catch (error) {
      this.rollBack();
      this.noteFault(error);
      const failure = committing ? commitFailure(error) : notStored(error);
      for (const { reject } of group) reject(failure);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index]!;
      if ('refusal' in outcome) reject(outcome.refusal);
      else resolve(outcome.result as never);
    });
    this.onCommitted();
  }

  /** A transaction that could not even be rolled back ends first. */
  private begin(): void {
    if (this.db.isTransaction) this.db.exec('ROLLBACK');
    this.db.exec('BEGIN IMMEDIATE');
  }

  private rollBack(): void {
    try {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
    } catch {
      // the next transaction begins with it
    } finally {
      this.onRolledBack();
    }
  }

  private noteFault(error: unknown): void {
    this.fault = storageFaultOf(error);
    if (this.fault === undefined || this.closed) return;
    this.probe ??= setTimeout(() => this.tryAgain(), probeMs).unref();
  }

  /** The version of the file's format is written as it is. */
  private tryAgain(): void {
    this.probe = undefined;
    if (this.fault === undefined) return;
    try {
      this.begin();
      const version = Number(this.db.prepare('PRAGMA user_version').get()?.['user_version']);
      this.db.exec(`PRAGMA user_version = ${version}; COMMIT`);
      this.fault = undefined;
    } catch (error) {
      this.rollBack();
      this.noteFault(error);
    }
  }
}

function outcomeOf({ run }: Write): Outcome {
  try {
    return { result: run() };
  } catch (error) {
    if (error instanceof EventStoreError) return { refusal: error };
    throw error;
  }
}

/**
 * After an I/O error other than at a write, the frames of the transaction may be complete in the write-ahead log, and a restart would
 * find them.
 */
function commitFailure(error: unknown): EventStoreError {
  if (storageFaultOf(error)?.kind !== 'io_error' || resultCodeOf(error) === ioErrorOnWrite) return notStored(error);
  return new OutcomeUnknownError(`the event log did not confirm a commit: ${String(error)}`, { cause: error });
}

function notStored(error: unknown): UnavailableError {
  return new UnavailableError(`the event log cannot be written: ${String(error)}`, { cause: error });
}
