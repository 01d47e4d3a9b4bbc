import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent } from '../contract/sample-events.js';
import { StoreRefusedError, UnavailableError } from '../errors.js';
import { type EventStore } from '../port.js';
import { backUpSqliteLog } from './back-up.js';
import { type BackupTrailer, trailerBytes } from './backup-form.js';
import { restoreSqliteLog } from './restore.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

const takenAt = new Date('2026-11-25T12:00:00.000Z');

describe('a backup of the log', () => {
  let folder: string;
  let store: EventStore;
  let backup: string;
  let trailer: BackupTrailer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    store = openSqliteEventStore(join(folder, 'data'));
    const events = Array.from({ length: 50 }, () => anEvent({ data: JSON.stringify('x'.repeat(400)) }));
    await store.append('root', events, { expectedRevision: noRevision });
    await store.append('gone', [anEvent()], { expectedRevision: noRevision });
    await store.deleteStream('gone', { expectedRevision: 0 });
    backup = join(folder, 'backup');
    trailer = await backUp(backup);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const backUp = (file: string): Promise<BackupTrailer> =>
    backUpSqliteLog({ directory: join(folder, 'data'), file, clock: () => takenAt });
  const restored = (name: string): string => join(folder, name);
  async function restore(bytes: Uint8Array, name = 'restored', piece = 1_000): Promise<BackupTrailer> {
    const directory = restored(name);
    makeFolder(directory);
    return restoreSqliteLog({ directory, input: inPieces(bytes, piece) });
  }

  it('says what it holds, in a way that other tools can follow', async () => {
    const bytes = readFileSync(backup);
    const [first] = await store.readStream('root');
    const [last] = await store.readAll(51 as never, 1);
    const database = bytes.subarray(0, -trailerBytes);
    expect(trailer).toEqual({
      ...{ logId: first?.id, position: 52, eventId: last?.id, events: 51, takenAt: takenAt.toISOString() },
      ...{ bytes: database.length, sha256: createHash('sha256').update(database).digest('hex') },
    });
    expect(JSON.parse(bytes.subarray(-trailerBytes).toString())).toEqual({ hydrantBackup: 1, ...trailer });
    const db = new DatabaseSync(backup, { readOnly: true });
    expect(db.prepare('SELECT count(*) AS events FROM events').get()).toEqual({ events: 51 });
    db.close();
  });

  it.each([1, 511, 512, 513, 4_096, 1_000_000])('comes back whole, in pieces of %d bytes', async (piece) => {
    await store.append('later', [anEvent()], { expectedRevision: noRevision });
    expect(await restore(readFileSync(backup), 'restored', piece)).toEqual(trailer);
    expect(readdirSync(restored('restored'))).toEqual(['events.db']);
    const again = openSqliteEventStore(restored('restored'));
    const events = await again.readAll(undefined, 100);
    expect(events).toEqual((await store.readAll(undefined, 100)).slice(0, -1));
    expect(await again.append('later', [anEvent()], { expectedRevision: noRevision })).toMatchObject({ position: 53 });
    await again.close();
  });

  it('is refused when anything of it is missing, and leaves no log', async () => {
    const bytes = readFileSync(backup);
    for (const length of [0, 1, 100, 512, 4_096, 8_192, bytes.length - 513, bytes.length - 512, bytes.length - 1]) {
      await expect(restore(bytes.subarray(0, length))).rejects.toThrow(StoreRefusedError);
      expect(readdirSync(restored('restored'))).toEqual([]);
    }
    const more = Buffer.concat([bytes, Buffer.from('\n')]);
    await expect(restore(more)).rejects.toThrow('it does not end as a backup does');
    const twice = Buffer.concat([bytes, bytes]);
    await expect(restore(twice)).rejects.toThrow('bytes of the');
  });

  it('is refused when a single bit of it is another one', async () => {
    const bytes = readFileSync(backup);
    for (const at of [0, 20, 70, 4_096, 10_000, bytes.length - trailerBytes - 1]) {
      const spoilt = Buffer.from(bytes);
      spoilt[at]! ^= 1;
      await expect(restore(spoilt)).rejects.toThrow(/^the backup cannot be restored: its checksum is /);
      expect(readdirSync(restored('restored'))).toEqual([]);
    }
  });

  it('is refused when its trailer tells of another log, or of a form that is not known', async () => {
    const bytes = readFileSync(backup);
    const refused = async (change: object, says: string): Promise<void> => {
      const text = JSON.stringify({ hydrantBackup: 1, ...trailer, ...change }).padEnd(trailerBytes - 1);
      const changed = Buffer.concat([bytes.subarray(0, -trailerBytes), Buffer.from(`${text}\n`)]);
      await expect(restore(changed)).rejects.toThrow(says);
    };
    await refused({ position: 51 }, 'it is another log');
    await refused({ events: 50 }, 'it is another log');
    await refused({ eventId: trailer.logId }, 'it is another log');
    await refused({ logId: trailer.eventId }, 'it is another log');
    await refused({ hydrantBackup: 2 }, 'newer Hydrant (form 2, this one knows 1)');
  });

  it('is not restored over a log, nor over what a log left', async () => {
    await restore(readFileSync(backup));
    const log = readFileSync(join(restored('restored'), 'events.db'));
    await expect(restore(readFileSync(backup))).rejects.toThrow('events.db is there already: move it away');
    expect(readFileSync(join(restored('restored'), 'events.db'))).toEqual(log);
    makeFolder(restored('headless'));
    writeFileSync(join(restored('headless'), 'events.db-wal'), 'x');
    await expect(restore(readFileSync(backup), 'headless')).rejects.toThrow('events.db-wal is there already');
  });

  it('takes the place of what a restore that was killed has left', async () => {
    makeFolder(restored('restored'));
    writeFileSync(join(restored('restored'), 'events.db.restoring'), 'x'.repeat(1_000_000));
    await restore(readFileSync(backup));
    expect(readdirSync(restored('restored'))).toEqual(['events.db']);
  });

  it('is told from a log where somebody put it in the place of one', () => {
    makeFolder(restored('copied'));
    writeFileSync(join(restored('copied'), 'events.db'), readFileSync(backup));
    expect(() => openSqliteEventStore(restored('copied'))).toThrow(
      /is a backup: move it away, and use `hydrant restore`$/,
    );
  });

  it('is not made of a log that nobody has served from, nor of none', async () => {
    const file = join(folder, 'nothing');
    await openSqliteEventStore(join(folder, 'empty')).close();
    const of = (name: string) => backUpSqliteLog({ directory: join(folder, name), file, clock: () => takenAt });
    await expect(of('empty')).rejects.toThrow('no root key yet');
    await expect(of('absent')).rejects.toThrow('is not there');
    expect(existsSync(file)).toBe(false);
    await expect(backUp(join(folder, 'no', 'folder'))).rejects.toThrow(UnavailableError);
  });
});

function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true });
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
