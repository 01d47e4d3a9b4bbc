import { type EventStore, type Position } from '#libs/event-store';
import { type ReadModelDatabase, change, findRow } from './database.js';
import { projectionVersions, projections } from './projections.js';

/**
 * The last event seen. `previous` is the position seen before it: reading on from there must give that event again, or, when its
 * stream was deleted, a later one.
 */
export type Checkpoint = {
  readonly position: Position;
  readonly eventId: string;
  readonly previous: Position | undefined;
};

/** Creates the tables of all projections, and where the file keeps its place in the log; not yet the indexes for queries. */
export function createTables(db: ReadModelDatabase): void {
  db.exec(`BEGIN; ${projections.map(({ schema }) => schema).join('\n')}
    CREATE TABLE checkpoint_v1 (
      id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL, eventId TEXT NOT NULL, previous INTEGER) STRICT;
    CREATE TABLE projection_versions_v1 (versions TEXT NOT NULL) STRICT; COMMIT;`);
  change(db, 'INSERT INTO projection_versions_v1 VALUES (?)', projectionVersions);
}

/** Creates what queries need beyond the tables. */
export function createQueryIndexes(db: ReadModelDatabase): void {
  db.exec(`BEGIN; ${projections.map(({ queryIndexes = '' }) => queryIndexes).join('\n')} COMMIT;`);
}

/** `other`: the file was written by a build with other projections, or is not complete. */
export function tablesOf(db: ReadModelDatabase): 'none' | 'ours' | 'other' {
  const tables = findRow<{ count: number }>(db, 'SELECT count(*) AS count FROM sqlite_schema')?.count;
  if (tables === 0) return 'none';
  const kept = `SELECT 1 FROM sqlite_schema WHERE name = 'projection_versions_v1'`;
  if (findRow(db, kept) === undefined) return 'other';
  const row = findRow<{ versions: string }>(db, 'SELECT versions FROM projection_versions_v1');
  return row?.versions === projectionVersions ? 'ours' : 'other';
}

export function readCheckpoint(db: ReadModelDatabase): Checkpoint | undefined {
  type Row = { position: Position; eventId: string; previous: Position | null };
  const row = findRow<Row>(db, 'SELECT position, eventId, previous FROM checkpoint_v1');
  return row === undefined ? undefined : { ...row, previous: row.previous ?? undefined };
}

export function writeCheckpoint(db: ReadModelDatabase, { position, eventId, previous }: Checkpoint): void {
  change(db, 'INSERT OR REPLACE INTO checkpoint_v1 VALUES (1, ?, ?, ?)', position, eventId, previous ?? null);
}

/** Why a read model with this checkpoint cannot have come from this store, or undefined when it can. */
export async function mismatch(checkpoint: Checkpoint, store: EventStore): Promise<string | undefined> {
  if (!(await store.reaches(checkpoint.position))) return 'has seen more events than this event store has';
  const [event] = await store.readAll(checkpoint.previous, 1);
  if (event === undefined || event.position > checkpoint.position) return undefined; // its stream was deleted
  const same = event.position === checkpoint.position && event.id === checkpoint.eventId;
  return same ? undefined : 'was built from another event store';
}
