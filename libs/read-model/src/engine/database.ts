import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { givesPagesBack } from '#libs/event-store';
import { perDatabase } from './per-database.js';

/** The read model's SQLite file. Queries take it as their first parameter; only projections and the clean-up write. */
export type ReadModelDatabase = DatabaseSync;

const statementsOf = perDatabase(() => new Map<string, StatementSync>());

/** The prepared statement for an SQL text, prepared once per database. */
export function statement(db: ReadModelDatabase, sql: string): StatementSync {
  const statements = statementsOf(db);
  let prepared = statements.get(sql);
  if (prepared === undefined) {
    prepared = db.prepare(sql);
    statements.set(sql, prepared);
  }
  return prepared;
}

/** The row a statement finds; the caller names the columns it selected. */
export function findRow<Row>(
  db: ReadModelDatabase,
  sql: string,
  ...parameters: (string | number | null)[]
): Row | undefined {
  return statement(db, sql).get(...parameters) as Row | undefined;
}

/** The rows a statement finds; the caller names the columns it selected. */
export function findRows<Row>(db: ReadModelDatabase, sql: string, ...parameters: (string | number | null)[]): Row[] {
  return statement(db, sql).all(...parameters) as Row[];
}

/** Runs a statement that changes rows; returns how many. */
export function change(db: ReadModelDatabase, sql: string, ...parameters: (string | number | null)[]): number {
  return Number(statement(db, sql).run(...parameters).changes);
}

/** Runs `work` in one transaction; what it throws undoes all of it. */
export function inTransaction<T>(db: ReadModelDatabase, work: () => T): T {
  if (db.isTransaction) db.exec('ROLLBACK'); // one that could not even be rolled back
  statement(db, 'BEGIN IMMEDIATE').run();
  try {
    const result = work();
    statement(db, 'COMMIT').run();
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

function rollBack(db: ReadModelDatabase): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // the next transaction begins with it
  }
}

/** Opens the file for serving, creating it when absent. */
export function openDatabase(file: string): ReadModelDatabase {
  const db = new DatabaseSync(file);
  try {
    db.exec(`${givesPagesBack}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${tuning}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Opens a new file for building: nobody reads it, and what a crash leaves of it is thrown away. */
export function openScratchDatabase(file: string): ReadModelDatabase {
  const db = new DatabaseSync(file);
  db.exec(
    `${givesPagesBack}; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; ${tuning}`,
  );
  return db;
}

const tuning = 'PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY';
