import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { StoreRefusedError, StreamDeletedError, UnavailableError } from '../errors.js';
import { type EventStore } from '../port.js';
import { acquireDirectoryLock } from './directory-lock.js';
import { openSqliteEventStore } from './sqlite-event-store.js';
import { openSqliteLogReader } from './sqlite-log-reader.js';

describe('a log opened for reading only', () => {
  let directory: string;
  let store: EventStore;
  let reader: EventStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'log-reader-'));
    store = openSqliteEventStore(directory);
    reader = openSqliteLogReader(directory);
  });
  afterEach(async () => {
    await reader.close();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('shows what another writes, as soon as it is committed, while it writes', async () => {
    const lock = acquireDirectoryLock(directory); // the writer's, which no reader asks for
    const streams = Array.from({ length: 20 }, newStreamName);
    expect([await reader.head(), await reader.readAll(undefined, 10)]).toEqual([undefined, []]);
    for (const stream of streams) {
      const appending = store.append(stream, [anEvent(), anEvent()], { expectedRevision: noRevision });
      const before = await reader.readAll(undefined, 1_000);
      expect(before).toEqual(
        await store.readAll(undefined, before.length + 1).then((all) => all.slice(0, before.length)),
      );
      await appending;
      expect(await reader.head()).toBe(await store.head());
      expect(await reader.readStream(stream, { from: 1 })).toEqual(await store.readStream(stream, { from: 1 }));
    }
    const all = await reader.readAll(undefined, 1_000);
    expect(all).toEqual(await store.readAll(undefined, 1_000));
    expect(await reader.readAll(all[10]!.position, 5)).toEqual(all.slice(11, 16));
    lock.release();
  });

  it('reads a range of a stream as its writer does', async () => {
    const stream = newStreamName();
    await store.append(stream, [anEvent(), anEvent(), anEvent()], { expectedRevision: noRevision });
    for (const range of [{}, { from: 1 }, { limit: 2 }, { from: 1, limit: 1 }, { from: -1 }, { from: 3 }])
      expect(await reader.readStream(stream, range)).toEqual(await store.readStream(stream, range));
    await store.deleteStream(stream, { expectedRevision: 2 });
    await expect(reader.readStream(stream, { from: 3, limit: 1 })).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('knows that a stream was deleted, and one that never was', async () => {
    const stream = newStreamName();
    await store.append(stream, [anEvent()], { expectedRevision: noRevision });
    expect(await reader.readStream(stream)).toHaveLength(1);
    await store.deleteStream(stream, { expectedRevision: 0 });
    await expect(reader.readStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    expect(await reader.readStream(newStreamName())).toEqual([]);
  });

  it('refuses to change anything', async () => {
    const stream = newStreamName();
    await store.append(stream, [anEvent()], { expectedRevision: noRevision });
    const refused = expect.any(StoreRefusedError);
    const append = reader.append(stream, [anEvent()], { expectedRevision: 0 });
    await expect(append).rejects.toEqual(refused);
    await expect(reader.deleteStream(stream, { expectedRevision: 0 })).rejects.toEqual(refused);
    expect(() => reader.subscribe(undefined, () => undefined)).toThrow(StoreRefusedError);
    expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('opens a log that nobody writes, and leaves its file as it was', async () => {
    await store.append(newStreamName(), [anEvent()], { expectedRevision: noRevision });
    await reader.close();
    await store.close();
    const before = readFileSync(join(directory, 'events.db'));
    reader = openSqliteLogReader(directory);
    expect(await reader.head()).toBe(1);
    await reader.close();
    expect(readFileSync(join(directory, 'events.db'))).toEqual(before);
    await expect(reader.readAll(undefined, 1)).rejects.toBeInstanceOf(UnavailableError);
  });

  it('makes nothing where there is no log, and refuses what is not one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-reader-'));
    expect(() => openSqliteLogReader(folder)).toThrow('is not there');
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'events.db'), 'x'.repeat(4_096));
    expect(() => openSqliteLogReader(folder)).toThrow('is not an SQLite file');
    rmSync(folder, { recursive: true });
  });
});
