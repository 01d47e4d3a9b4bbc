import { join } from 'node:path';
import { type DatabaseSync, type StatementSync } from 'node:sqlite';
import { noRevision } from '#libs/domain';
import { checkLimit } from '../append-rules.js';
import { EventStoreError, StoreRefusedError, StreamDeletedError, UnavailableError } from '../errors.js';
import { type EventStore, type Position, type StoredEvent, type StreamRange } from '../port.js';
import { openDatabaseReadOnly } from './database-file.js';
import { noLimit, selectAllSql, selectStreamSql } from './selects.js';

/**
 * Opens the log `events.db` of a folder for reading only, be there a process that writes it or none. It takes no lock, writes nothing,
 * and refuses to: `append`, `deleteStream` and `subscribe` are refused with StoreRefusedError. What it reads is the log as it is at each
 * call.
 *
 * @throws StoreRefusedError when there is no log, or it is foreign or written by a newer version
 */
export function openSqliteLogReader(directory: string): EventStore {
  return new SqliteLogReader(openDatabaseReadOnly(join(directory, 'events.db')));
}

class SqliteLogReader implements EventStore {
  private readonly selectStream: StatementSync;
  /** The only row of a deleted stream is its deletion. */
  private readonly selectDeletion: StatementSync;
  private readonly selectAll: StatementSync;
  private readonly selectHead: StatementSync;

  constructor(private readonly db: DatabaseSync) {
    this.selectStream = db.prepare(selectStreamSql);
    this.selectDeletion = db.prepare(`SELECT 1 FROM events WHERE stream = ? AND revision = ${noRevision}`);
    this.selectAll = db.prepare(selectAllSql);
    this.selectHead = db.prepare('SELECT max(position) AS head FROM events');
  }

  async readStream(stream: string, { from = 0, limit = noLimit }: StreamRange = {}): Promise<StoredEvent[]> {
    const events = this.reading(() => this.selectStream.all(stream, Math.max(0, from), limit) as StoredEvent[]);
    const deleted = events.length === 0 && this.reading(() => this.selectDeletion.get(stream) !== undefined);
    if (deleted) throw new StreamDeletedError(stream);
    return events;
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    checkLimit(limit);
    return this.reading(() => this.selectAll.all(after ?? 0, limit) as StoredEvent[]);
  }

  async head(): Promise<Position | undefined> {
    const head = this.reading(() => this.selectHead.get()?.['head']);
    return (head ?? undefined) as Position | undefined;
  }

  async reaches(position: Position): Promise<boolean> {
    return ((await this.head()) ?? 0) >= position;
  }

  async append(): Promise<never> {
    throw readOnly();
  }

  async deleteStream(): Promise<never> {
    throw readOnly();
  }

  subscribe(): never {
    throw readOnly();
  }

  fault(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close();
  }

  private reading<T>(read: () => T): T {
    if (!this.db.isOpen) throw new UnavailableError('the event store is closed');
    try {
      return read();
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      throw new UnavailableError(`the event log cannot be read: ${String(error)}`, { cause: error });
    }
  }
}

function readOnly(): StoreRefusedError {
  return new StoreRefusedError('the event log was opened for reading only');
}
