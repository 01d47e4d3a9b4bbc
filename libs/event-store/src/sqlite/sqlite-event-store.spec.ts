import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventStoreContract } from '../contract/contract.js';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { UnavailableError, VersionConflictError } from '../errors.js';
import { type EventStore, type StoredEvent } from '../port.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

eventStoreContract('SqliteEventStore', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-store-'));
  let store = openSqliteEventStore(directory);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = openSqliteEventStore(directory);
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('SqliteEventStore', () => {
  let directory: string;
  let store: EventStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'event-store-'));
    store = openSqliteEventStore(directory);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const append = (stream: string) => store.append(stream, [anEvent()], { expectedRevision: noRevision });

  it('commits the appends of one turn together, and a conflict among them fails alone', async () => {
    const batches: (readonly StoredEvent[])[] = [];
    const subscription = store.subscribe(undefined, (events) => void batches.push(events));
    await append(newStreamName()); // the subscription has caught up
    const twice = newStreamName();
    const streams = [...Array.from({ length: 300 }, newStreamName), twice, twice];
    const results = await Promise.allSettled(streams.map(append));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(results.at(-1)).toMatchObject({ reason: expect.any(VersionConflictError) });
    expect(batches.at(-1)).toHaveLength(301);
    await subscription.close();
  });

  it('has delivered an event to a synchronous subscriber when its append is answered', async () => {
    const seen: string[] = [];
    store.subscribe(undefined, (events) => void seen.push(...events.map(({ stream }) => stream)));
    await append(newStreamName());
    for (let round = 0; round < 20; round += 1) {
      const stream = newStreamName();
      await append(stream);
      expect(seen.at(-1)).toBe(stream);
    }
  });

  it('stores nothing of a group whose transaction fails, and goes on when it can', async () => {
    const stream = newStreamName();
    await append(stream);
    const other = new DatabaseSync(join(directory, 'events.db'));
    other.exec('BEGIN IMMEDIATE');
    const results = await Promise.allSettled([append(newStreamName()), append(stream)]);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(UnavailableError) });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.readAll(undefined, 10)).toHaveLength(1);
    const { revision } = await store.append(stream, [anEvent()], { expectedRevision: 0 });
    expect(revision).toBe(1);
  });

  it('rolls back a group in which one write breaks the database’s rules', async () => {
    const broken = { ...anEvent(), metadata: null as unknown as string };
    const results = await Promise.allSettled([
      append(newStreamName()),
      store.append(newStreamName(), [broken], { expectedRevision: noRevision }),
    ]);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(UnavailableError) });
    expect(await store.head()).toBeUndefined();
    expect(await store.readAll(undefined, 10)).toEqual([]);
  });

  it('makes a file that can give back free pages', () => {
    const other = new DatabaseSync(join(directory, 'events.db'), { readOnly: true });
    const read = (name: string): unknown => other.prepare(`PRAGMA ${name}`).get()?.[name];
    expect([read('auto_vacuum'), read('journal_mode')]).toEqual([2, 'wal']);
    other.close();
  });

  it('stores what was asked for before close', async () => {
    const stream = newStreamName();
    const appending = append(stream);
    await store.close();
    await appending;
    store = openSqliteEventStore(directory);
    expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('leaves no trace of deleted events on disk after close', async () => {
    const stream = newStreamName();
    await store.append(stream, [anEvent({ data: '{"key":"a-very-secret-value"}' })], { expectedRevision: noRevision });
    await store.deleteStream(stream, { expectedRevision: 0 });
    await store.close();
    const onDisk = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'));
    expect(onDisk.join('')).not.toContain('a-very-secret-value');
    expect(onDisk.join('')).toContain(stream);
  });
});
