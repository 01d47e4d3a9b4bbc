import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Refusal } from '../refusal.js';
import { type Row } from './dump-rows.js';

/**
 * Rows of a dump by table and key, in a file without a name that goes when it is closed, whatever happens: a dump tells them in an
 * order of its own, and may not fit into memory.
 */
export class Scratch {
  private readonly db = new DatabaseSync('');
  private readonly insert: StatementSync;

  constructor() {
    this.db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;
      CREATE TABLE rows (kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID, STRICT`);
    this.insert = this.db.prepare('INSERT OR IGNORE INTO rows VALUES (?, ?, ?)');
  }

  /** @throws Refusal when there is one already: the dump is of several installations */
  put(kind: string, key: string, row: Row): void {
    if (this.insert.run(kind, key, JSON.stringify(row)).changes === 1) return;
    throw new Refusal(`has ${kind} ${key} twice: it is of more than one installation, or network`);
  }

  *all(kind: string): Generator<Row> {
    const sql = 'SELECT row FROM rows WHERE kind = ? ORDER BY key';
    for (const { row } of this.db.prepare(sql).iterate(kind)) yield JSON.parse(String(row)) as Row;
  }

  /** Rows of one kind, each with that of another kind which has the same key, if there is one. */
  *pairs(kind: string, other: string): Generator<[Row, Row | undefined]> {
    const sql = `SELECT a.row AS one, b.row AS two FROM rows a LEFT JOIN rows b ON b.kind = ? AND b.key = a.key
      WHERE a.kind = ? ORDER BY a.key`;
    for (const { one, two } of this.db.prepare(sql).iterate(other, kind)) {
      yield [JSON.parse(String(one)) as Row, two === null ? undefined : (JSON.parse(String(two)) as Row)];
    }
  }

  close(): void {
    this.db.close();
  }
}
