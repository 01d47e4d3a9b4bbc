import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent } from '../contract/sample-events.js';
import { StoreRefusedError } from '../errors.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

describe('opening an event log', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'database-file-'));
    file = join(directory, 'events.db');
    const store = openSqliteEventStore(directory);
    const events = Array.from({ length: 200 }, () => anEvent({ data: JSON.stringify('x'.repeat(200)) }));
    await store.append('a-1', events, { expectedRevision: noRevision });
    await store.close();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function edit(statements: string): void {
    const db = new DatabaseSync(file);
    db.exec(statements);
    db.close();
  }

  function overwrite(offset: number, length: number): void {
    const bytes = readFileSync(file);
    bytes.fill(0xa5, offset, offset + length);
    writeFileSync(file, bytes);
  }

  const damages: [string, () => void, RegExp][] = [
    [
      'is not an SQLite file',
      () => writeFileSync(file, 'nothing of ours '.repeat(100)),
      /is not an SQLite file: restore/,
    ],
    ['is empty', () => writeFileSync(file, ''), /is not an SQLite file/],
    ['belongs to another application', () => edit('PRAGMA application_id = 7'), /is not a Hydrant event log: choose/],
    [
      'has a newer format',
      () => edit('PRAGMA user_version = 2'),
      /newer Hydrant \(format 2, this one knows 1\): start that/,
    ],
    ['lacks pages at its end', () => truncateSync(file, 4096 * 5), /is truncated: restore/],
    ['ends inside a page', () => truncateSync(file, readFileSync(file).length - 100), /is truncated/],
    ['has a page overwritten', () => overwrite(4096 * 4, 4096), /is damaged \(.+\): restore/],
    ['has its schema overwritten', () => overwrite(100, 3000), /is damaged/],
    ['lacks its table', () => edit('DROP TABLE events'), /is damaged \(no such table: events\)/],
  ];
  it.each(damages)('is refused in one line, and the file left as it was, when it %s', (_case, damage, message) => {
    damage();
    const before = readFileSync(file);
    let refusal: unknown;
    try {
      openSqliteEventStore(directory);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(StoreRefusedError);
    expect(String(refusal)).toMatch(message);
    expect(String(refusal)).toContain(file);
    expect(String(refusal)).not.toContain('\n');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is refused when only its write-ahead log is left', () => {
    rmSync(file);
    writeFileSync(`${file}-wal`, 'frames');
    expect(() => openSqliteEventStore(directory)).toThrow(/is missing, but its write-ahead log is here/);
  });

  it('checks only the structure of a log larger than the limit', async () => {
    const store = openSqliteEventStore(directory, { fullCheckMaxBytes: 0 });
    expect(await store.readStream('a-1')).toHaveLength(200);
    await store.close();
    overwrite(100, 3000);
    expect(() => openSqliteEventStore(directory, { fullCheckMaxBytes: 0 })).toThrow(/is damaged/);
  });

  it('recovers what a killed process had committed, although its file is behind', async () => {
    const killed = openSqliteEventStore(directory);
    await killed.append('a-2', [anEvent()], { expectedRevision: noRevision });
    const copy = mkdtempSync(join(tmpdir(), 'database-file-'));
    for (const name of ['events.db', 'events.db-wal'])
      writeFileSync(join(copy, name), readFileSync(join(directory, name)));
    await killed.close();
    const store = openSqliteEventStore(copy);
    expect(await store.readStream('a-2')).toHaveLength(1);
    await store.close();
    rmSync(copy, { recursive: true });
  });

  it('begins anew over what a process killed while creating it has left', async () => {
    rmSync(file);
    writeFileSync(`${file}.new`, 'half');
    const store = openSqliteEventStore(directory);
    expect(await store.head()).toBeUndefined();
    await store.close();
  });
});
