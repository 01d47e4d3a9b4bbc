import { type DatabaseSync } from 'node:sqlite';
import { EventStoreError, OutcomeUnknownError, UnavailableError } from '../errors.js';

const maxGroupSize = 1_000;
const sqliteIoerr = 10;

type Write = { run: () => unknown; resolve: (result: never) => void; reject: (reason: unknown) => void };
type Outcome = { result: unknown } | { refusal: EventStoreError };

/**
 * Lets all writes that arrive in one turn of the event loop share one transaction, that is, one wait for the disk.
 *
 * A write refuses itself by throwing an `EventStoreError` before it has changed anything; the others go on. Any other failure
 * rolls back the whole group. Nobody is answered before the commit.
 */
export class GroupCommit {
  private waiting: Write[] = [];
  private scheduled = false;

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

  /** Writes everything that waits, now. */
  flush(): void {
    while (this.waiting.length > 0) this.commitGroup();
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
      this.db.exec('BEGIN IMMEDIATE');
      outcomes = group.map(outcomeOf);
      committing = true;
      this.db.exec('COMMIT');
    } catch (error) {
      this.rollBack();
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

  private rollBack(): void {
    try {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
    } finally {
      this.onRolledBack();
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

/** After an I/O error the frames of the transaction may be complete in the write-ahead log, and a restart would find them. */
function commitFailure(error: unknown): EventStoreError {
  const resultCode = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  if ((resultCode & 0xff) !== sqliteIoerr) return notStored(error);
  return new OutcomeUnknownError(`the event log did not confirm a commit: ${String(error)}`, { cause: error });
}

function notStored(error: unknown): UnavailableError {
  return new UnavailableError(`the event log cannot be written: ${String(error)}`, { cause: error });
}
