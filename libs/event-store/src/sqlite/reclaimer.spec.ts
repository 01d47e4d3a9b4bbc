import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { until } from '#libs/harness';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { givesPagesBack, Reclaimer } from './reclaimer.js';

const pageBytes = 4_096;
const reservePages = 50;

class WatchedDatabase extends DatabaseSync {
  checkpoints = 0;

  override prepare(sql: string): StatementSync {
    if (sql.includes('wal_checkpoint')) this.checkpoints += 1;
    return super.prepare(sql);
  }
}

describe('a file of which much is deleted', () => {
  let directory: string;
  let file: string;
  let db: WatchedDatabase;
  let reclaimer: Reclaimer;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'reclaimer-'));
    file = join(directory, 'rows.db');
    db = new WatchedDatabase(file); // 400 rows of a page each
    db.exec(`${givesPagesBack}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT);
      INSERT INTO kept WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < 400)
        SELECT id, hex(zeroblob(1900)) FROM n`);
    reclaimer = new Reclaimer(db, { delayMs: 0, reservePages });
  });
  afterEach(() => {
    reclaimer.close();
    db.close();
    rmSync(directory, { recursive: true });
  });

  const pragma = (name: string): unknown => db.prepare(`PRAGMA ${name}`).get()?.[name];
  const pagesOnDisk = (): number => statSync(file).size / pageBytes;
  const inTheLog = (): number => statSync(`${file}-wal`).size;
  const deleteUpTo = (id: number): void => {
    db.exec(`DELETE FROM kept WHERE id <= ${id}`);
    reclaimer.soon();
  };

  it('gets shorter while it is used, down to the reserve, and is as durable as before', async () => {
    const before = Number(pragma('page_count'));
    deleteUpTo(300);
    const free = Number(pragma('freelist_count'));
    expect(free).toBeGreaterThan(250);
    db.exec('INSERT INTO kept VALUES (1000, 1)'); // and goes on being written
    await until('the file is shorter', async () => pagesOnDisk() === before - free + reservePages);
    expect([pragma('freelist_count'), pragma('integrity_check'), pragma('synchronous')]).toEqual([
      reservePages,
      'ok',
      2,
    ]);
    expect(db.prepare('SELECT count(*) AS count FROM kept').get()?.['count']).toBe(101);
  });

  it('keeps what it will need again: what is free is less than twice the reserve', async () => {
    deleteUpTo(90);
    await until('the write-ahead log is empty', async () => inTheLog() === 0);
    const free = pragma('freelist_count');
    deleteUpTo(91);
    await until('the write-ahead log is empty again', async () => inTheLog() === 0);
    expect(Number(pragma('freelist_count'))).toBeGreaterThanOrEqual(Number(free));
  });

  it('has nothing of it in its write-ahead log, as soon as nobody reads that any more', async () => {
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM kept');
    deleteUpTo(1);
    await until('it was tried in vain', async () => db.checkpoints > 1);
    expect(inTheLog()).toBeGreaterThan(0);
    reader.exec('COMMIT');
    await until('the write-ahead log is empty', async () => inTheLog() === 0);
    reader.close();
  });
});
