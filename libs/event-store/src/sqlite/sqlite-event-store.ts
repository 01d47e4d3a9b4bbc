import { join } from 'node:path';
import { type DatabaseSync, type StatementSync } from 'node:sqlite';
import { uuidV4 } from '#libs/crypto';
import { noRevision } from '#libs/domain';
import { checkAppend, checkLimit, checkTarget, isRepetition } from '../append-rules.js';
import { EventStoreError, StreamDeletedError, UnavailableError, VersionConflictError } from '../errors.js';
import { LocalSubscriptions } from '../local-subscription.js';
import {
  type Appended,
  type EncodedEvent,
  type EventHandler,
  type EventStore,
  type Eventually,
  type Position,
  streamDeleted,
  type StoredEvent,
  type StreamRange,
  type Subscription,
} from '../port.js';
import { openDatabase } from './database-file.js';
import { GroupCommit } from './group-commit.js';
import { Reclaimer } from './reclaimer.js';
import { columns, noLimit, selectAllSql, selectStreamSql } from './selects.js';
import { type StorageFault } from './storage-fault.js';
import { deletedRevision, StreamRevisions } from './stream-revisions.js';

/**
 * Opens the log `events.db` in a folder, creating both when absent. One process at a time: hold `acquireDirectoryLock` first.
 *
 * A log of at most `fullCheckMaxBytes` (64 MiB unless told otherwise) is checked page by page; of a larger one only its header,
 * size, schema and last event.
 *
 * @throws StoreRefusedError without having touched the file, when it is damaged, truncated, not ours, or written by a newer version
 */
export function openSqliteEventStore(directory: string, options: { fullCheckMaxBytes?: number } = {}): EventStore {
  return new SqliteEventStore(openDatabase(join(directory, 'events.db'), options.fullCheckMaxBytes));
}

/**
 * Positions are row ids given out here. They never come twice, although rows go: a deletion's own row comes after the rows it
 * removes and stays for good, so the last row of the log is never removed.
 */
class SqliteEventStore implements EventStore {
  private readonly insert: StatementSync;
  private readonly selectStream: StatementSync;
  private readonly selectAll: StatementSync;
  private readonly removeStream: StatementSync;
  private readonly revisions: StreamRevisions;
  private readonly reclaimer: Reclaimer;
  private readonly group: GroupCommit;
  private readonly subscriptions = new LocalSubscriptions((after, limit) => this.page(after, limit));
  /** The last committed position; 0 when the log is empty. */
  private committedHead: number;
  /** Written in the running transaction, in order. */
  private written: StoredEvent[] = [];
  private closed = false;

  constructor(private readonly db: DatabaseSync) {
    this.insert = db.prepare(`INSERT INTO events (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.selectStream = db.prepare(selectStreamSql);
    this.selectAll = db.prepare(selectAllSql);
    this.removeStream = db.prepare('DELETE FROM events WHERE stream = ?');
    this.revisions = new StreamRevisions(db);
    this.reclaimer = new Reclaimer(db);
    this.committedHead = Number(db.prepare('SELECT max(position) AS head FROM events').get()?.['head'] ?? 0);
    this.group = new GroupCommit(
      db,
      () => this.publish(),
      () => {
        this.written = [];
        this.revisions.clear();
      },
    );
  }

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    { expectedRevision }: { expectedRevision: number },
  ): Promise<Appended> {
    checkAppend(stream, events, expectedRevision);
    this.checkOpen();
    return this.group.submit(() => this.appendInTransaction(stream, events, expectedRevision));
  }

  async readStream(stream: string, range: StreamRange = {}): Promise<StoredEvent[]> {
    return this.reading(() => {
      const last = this.revisions.of(stream);
      if (last === deletedRevision) throw new StreamDeletedError(stream);
      const from = Math.max(0, range.from ?? 0);
      return from > last ? [] : (this.selectStream.all(stream, from, range.limit ?? noLimit) as StoredEvent[]);
    });
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    checkLimit(limit);
    return this.reading(() => this.page(after, limit));
  }

  subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    this.checkOpen();
    return this.subscriptions.open(after, handler);
  }

  async deleteStream(stream: string, { expectedRevision }: { expectedRevision: number }): Promise<Position> {
    checkTarget(stream, expectedRevision);
    this.checkOpen();
    return this.group.submit(() => this.deleteInTransaction(stream, expectedRevision));
  }

  head(): Eventually<Position | undefined> {
    if (this.closed) return Promise.reject(closedError());
    return this.committedHead === 0 ? undefined : (this.committedHead as Position);
  }

  async reaches(position: Position): Promise<boolean> {
    return this.reading(() => this.committedHead >= position);
  }

  fault(): StorageFault | undefined {
    return this.group.fault;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.group.close();
    this.reclaimer.close();
    await this.subscriptions.close();
    this.db.close();
  }

  private appendInTransaction(stream: string, events: readonly EncodedEvent[], expectedRevision: number): Appended {
    const actualRevision = this.revisions.of(stream);
    if (actualRevision === deletedRevision) throw new StreamDeletedError(stream);
    if (actualRevision !== expectedRevision) {
      return this.repeated(stream, events, { expectedRevision, actualRevision });
    }
    let revision = expectedRevision;
    let position = this.lastPosition();
    for (const { id, type, data, metadata } of events) {
      revision += 1;
      position = this.write({ position, stream, revision, id, type, data, metadata });
    }
    this.revisions.set(stream, revision);
    return { revision, position };
  }

  private repeated(
    stream: string,
    events: readonly EncodedEvent[],
    { expectedRevision, actualRevision }: { expectedRevision: number; actualRevision: number },
  ): Appended {
    const since = this.selectStream.all(stream, expectedRevision + 1, noLimit) as StoredEvent[];
    const last = since[events.length - 1];
    if (last === undefined || !isRepetition(events, since)) {
      throw new VersionConflictError(stream, expectedRevision, actualRevision);
    }
    return { revision: last.revision, position: last.position };
  }

  private deleteInTransaction(stream: string, expectedRevision: number): Position {
    const actualRevision = this.revisions.of(stream);
    if (actualRevision === deletedRevision) throw new StreamDeletedError(stream);
    if (actualRevision !== expectedRevision) throw new VersionConflictError(stream, expectedRevision, actualRevision);
    this.removeStream.run(stream);
    this.revisions.forget(stream);
    const position = this.lastPosition();
    const event = { id: uuidV4(), type: streamDeleted, data: '{}', metadata: '{}' };
    return this.write({ position, stream, revision: noRevision, ...event });
  }

  /** Stores an event right after the position it carries. */
  private write(event: StoredEvent): Position {
    const position = (event.position + 1) as Position;
    const { stream, revision, id, type, data, metadata } = event;
    this.insert.run(position, stream, revision, id, type, data, metadata);
    this.written.push({ position, stream, revision, id, type, data, metadata });
    return position;
  }

  private lastPosition(): Position {
    return this.written.at(-1)?.position ?? (this.committedHead as Position);
  }

  private publish(): void {
    const events = this.written;
    this.written = [];
    this.committedHead = events.at(-1)?.position ?? this.committedHead;
    if (events.some(({ type }) => type === streamDeleted)) this.reclaimer.soon();
    this.subscriptions.publish(events);
  }

  private page(after: Position | undefined, limit: number): StoredEvent[] {
    return this.selectAll.all(after ?? 0, limit) as StoredEvent[];
  }

  private reading<T>(read: () => T): T {
    this.checkOpen();
    try {
      return read();
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      throw new UnavailableError(`the event log cannot be read: ${String(error)}`, { cause: error });
    }
  }

  private checkOpen(): void {
    if (this.closed) throw closedError();
  }
}

function closedError(): UnavailableError {
  return new UnavailableError('the event store is closed');
}
