import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type AuthorityEvent } from '#libs/domain';
import {
  type EventStore,
  MemoryEventStore,
  type Position,
  UnavailableError,
  openSqliteEventStore,
} from '#libs/event-store';
import { findClient, listClientJson } from '../clients/clients.projection.js';
import { findConsentRequest } from '../consent-requests/consent-requests.queries.js';
import { ReadModelBehindError, ReadModelRefusedError } from './errors.js';
import { HistoryWriter, allRows, codecWith, inFolder, subjectKeys } from '../projection-spec.js';
import { ReadModel } from './read-model.js';
import { rebuildReadModel } from './rebuild.js';
import {
  clientCreated,
  codeIssued,
  codeRedeemed,
  consentAccepted,
  consentRequested,
  sessionStarted,
} from '../spec-events.js';
import { findLoginSession } from '../sessions/sessions.projection.js';

const codec = codecWith();
const foreign = { id: '00000000-0000-4000-8000-00000000ffff', type: 'Unheard', data: '{}', metadata: '{}' };

async function write(store: EventStore, ...events: AuthorityEvent[]): Promise<void> {
  const writer = new HistoryWriter(store, codec);
  for (const event of events) await writer.write(event);
}

async function opened(store: EventStore, file = ':memory:'): Promise<ReadModel> {
  const model = await ReadModel.open({ file, store, codec });
  model.start();
  return model;
}

describe.each<[string, (folder: string) => EventStore]>([
  ['memory', () => new MemoryEventStore()],
  ['sqlite', (folder) => openSqliteEventStore(folder)],
])('a read model of the %s store', (_, open) => {
  it('shows every acknowledged event after catching up', () =>
    inFolder(async (folder) => {
      const store = open(folder);
      const model = await opened(store);
      for (let index = 0; index < 20; index += 1) {
        await write(store, clientCreated(`client-${index}`));
        await model.catchUp();
        expect(findClient(model.db, `client-${index}`)).toBeDefined();
      }
      expect(model.status()).toEqual({ state: 'live', appliedUpTo: await store.head() });
      await model.close();
      await store.close();
    }));
  it('goes on from its checkpoint, and equals one rebuilt', () =>
    inFolder(async (folder) => {
      const store = open(folder);
      const file = join(folder, 'read-model.db');
      await write(store, clientCreated(), consentRequested(), consentAccepted());
      const first = await opened(store, file);
      await first.catchUp();
      await first.close();

      await write(store, codeIssued(), ...codeRedeemed());
      const second = await opened(store, file);
      expect(second.appliedUpTo).toBeDefined();
      await second.catchUp();
      const rows = allRows(second.db);
      await second.close();

      expect(await rebuildReadModel({ file, store, codec })).toEqual({ events: 6 });
      expect(existsSync(`${file}.rebuild`)).toBe(false);
      const rebuilt = await opened(store, file);
      expect(allRows(rebuilt.db)).toEqual(rows);
      await rebuilt.close();
      await store.close();
    }));
  it('starts again when the stream of the last event seen was deleted', () =>
    inFolder(async (folder) => {
      const store = open(folder);
      const file = join(folder, 'read-model.db');
      await write(store, clientCreated('a'), clientCreated('b'));
      const model = await opened(store, file);
      await model.catchUp();
      await model.close();
      await store.deleteStream('client-b', { expectedRevision: 0 });
      await expect(opened(store, file).then((again) => again.close())).resolves.toBeUndefined();
      await store.close();
    }));
});

describe('opening', () => {
  const filled = async (file: string, count = 2): Promise<void> => {
    const store = new MemoryEventStore();
    for (let index = 0; index < count; index += 1) await write(store, clientCreated(`c${index}`));
    await (await opened(store, file)).catchUp();
    await rebuildReadModel({ file, store, codec });
  };

  it('refuses a store that ends before the checkpoint', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'read-model.db');
      await filled(file);
      await expect(opened(new MemoryEventStore(), file)).rejects.toThrow(
        /^read model .* run `hydrant read-model rebuild`$/,
      );
    }));
  it('refuses a store with another event at the checkpoint', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'read-model.db');
      await filled(file);
      const other = new MemoryEventStore();
      for (const id of ['x1', 'x2', 'x3'])
        await other.append(`client-${id}`, [{ ...foreign, id }], { expectedRevision: -1 });
      await expect(opened(other, file)).rejects.toThrow(ReadModelRefusedError);
    }));
  it('refuses what is not a read model', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'read-model.db');
      writeFileSync(file, 'not a database, but long enough to look like one'.repeat(100));
      await expect(opened(new MemoryEventStore(), file)).rejects.toThrow(ReadModelRefusedError);
    }));
  it('makes a file that can give back free pages, also when it is built anew', () =>
    inFolder(async (folder) => {
      const store = new MemoryEventStore();
      const file = join(folder, 'read-model.db');
      const reading = async (): Promise<unknown[]> => {
        const model = await opened(store, file);
        const read = (name: string): unknown => model.db.prepare(`PRAGMA ${name}`).get()?.[name];
        const found = [read('auto_vacuum'), read('journal_mode'), read('secure_delete')];
        await model.close();
        return found;
      };
      expect(await reading()).toEqual([2, 'wal', 1]);
      await rebuildReadModel({ file, store, codec });
      expect(await reading()).toEqual([2, 'wal', 1]);
    }));
  it('builds the file anew when other projections wrote it', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'read-model.db');
      const store = new MemoryEventStore();
      await write(store, clientCreated());
      const model = await opened(store, file);
      await model.catchUp();
      model.db.exec(`UPDATE projection_versions_v1 SET versions = 'clients v0'; DELETE FROM clients_v4`);
      await model.close();
      const again = await ReadModel.open({ file, store, codec });
      expect(listClientJson(again.db, { limit: 9, offset: 0 })).toHaveLength(1);
      await again.close();
    }));
});

describe('a storage that does not take what is applied', () => {
  it.each([
    [
      'full',
      'database or disk is full',
      (pages: number) => `PRAGMA max_page_count = ${pages}`,
      'max_page_count = 1000000',
    ],
    ['read-only', 'attempt to write a readonly database', () => 'PRAGMA query_only = ON', 'query_only = OFF'],
  ])('is tried again until it does, from where it was: %s', (_case, message, breaks, mends) =>
    inFolder(async (folder) => {
      const store = new MemoryEventStore();
      const file = join(folder, 'read-model.db');
      const model = await opened(store, file);
      await write(store, clientCreated('before'));
      await model.catchUp();
      const { page_count: pages } = model.db.prepare('PRAGMA page_count').get() as { page_count: number };
      model.db.exec(breaks(pages));

      for (let index = 0; index < 200; index += 1) await write(store, clientCreated(`client-${index}`));
      await expect(model.catchUp(50)).rejects.toThrow(ReadModelBehindError);
      expect(model.status()).toMatchObject({ state: 'waiting', error: { message: expect.stringContaining(message) } });
      expect(findClient(model.db, 'before')).toBeDefined();
      expect(findClient(model.db, 'client-199')).toBeUndefined();

      model.db.exec(`PRAGMA ${mends}`);
      await model.catchUp();
      expect(model.status()).toEqual({ state: 'live', appliedUpTo: await store.head() });
      const rows = allRows(model.db);
      await model.close();
      await rebuildReadModel({ file, store, codec });
      const rebuilt = await opened(store, file);
      expect(allRows(rebuilt.db)).toEqual(rows);
      await rebuilt.close();
    }),
  );

  it('does not keep a read model from being closed, and is no reason to stop it', async () => {
    const store = new MemoryEventStore();
    const stops: Error[] = [];
    const model = await ReadModel.open({ ...{ file: ':memory:', store, codec }, onStopped: (why) => stops.push(why) });
    model.start();
    await model.catchUp();
    model.db.exec('PRAGMA query_only = ON');
    await write(store, clientCreated());
    expect(model.status().state).toBe('waiting');
    await model.close();
    expect(stops).toEqual([]);
  });
});

describe('an event that cannot be applied', () => {
  it('stops the projector behind everything before it, and whoever waits is refused at once', async () => {
    const store = new MemoryEventStore();
    await write(store, clientCreated());
    await store.append('client-odd', [foreign], { expectedRevision: -1 });
    await write(store, clientCreated('later'));
    const model = await opened(store);
    await expect(model.catchUp()).rejects.toThrow(ReadModelBehindError);
    const { state, error } = model.status();
    expect(state).toBe('stopped');
    expect(error?.message).toMatch(/Unheard .*position 2 .*stream client-odd, revision 0/);
    expect(findClient(model.db, 'app')).toBeDefined();
    expect(findClient(model.db, 'later')).toBeUndefined();
    await expect(model.waitFor(3 as Position)).rejects.toThrow(ReadModelBehindError);
    await model.close();
  });
});

describe('erased people', () => {
  it('have no rows in a read model built after their erasure', async () => {
    const store = new MemoryEventStore();
    await write(
      store,
      clientCreated(),
      sessionStarted(),
      consentRequested(),
      consentAccepted(),
      codeIssued(),
      ...codeRedeemed(),
    );
    const keys = subjectKeys();
    keys.erase('hash-anna');
    const model = await ReadModel.open({ file: ':memory:', store, codec: codecWith(keys) });
    model.start();
    await model.catchUp();
    expect(findLoginSession(model.db, 'sid')).toBeUndefined();
    expect(findConsentRequest(model.db, 'consent-1')).toBeUndefined();
    expect(allRows(model.db)).toMatchObject({
      access_tokens_v3: [],
      refresh_tokens_v3: [],
      authorization_codes_v3: [],
    });
    await model.close();
  });
});

describe('catching up', () => {
  /** The memory store, with a head that answers when told to. */
  class SlowHeadStore extends MemoryEventStore {
    readonly asked: ((answer: Promise<Position | undefined>) => void)[] = [];

    override head(): Promise<Position | undefined> {
      return new Promise((resolve) => this.asked.push(resolve));
    }
    answer(index: number): void {
      this.asked[index]!(super.head());
    }
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('joins only a question that starts after the caller came', async () => {
    const store = new SlowHeadStore();
    const model = await ReadModel.open({ file: ':memory:', store, codec });
    const first = model.catchUp();
    const second = model.catchUp();
    const third = model.catchUp();
    await turn();
    expect(store.asked).toHaveLength(1);
    store.answer(0);
    await first;
    await turn();
    expect(store.asked).toHaveLength(2);
    store.answer(1);
    await Promise.all([second, third]);
    expect(store.asked).toHaveLength(2);
    await model.close();
  });
  it('asks the pending question although the running one failed', async () => {
    const store = new SlowHeadStore();
    const model = await ReadModel.open({ file: ':memory:', store, codec });
    const first = model.catchUp();
    const second = model.catchUp();
    store.asked[0]!(Promise.reject(new UnavailableError('away')));
    await expect(first).rejects.toThrow(ReadModelBehindError);
    await turn();
    store.answer(1);
    await second;
    await model.close();
  });
  it('keeps the model fresh for less than a second', async () => {
    let nowMs = 0;
    const store = new MemoryEventStore();
    const model = await ReadModel.open({ file: ':memory:', store, codec, monotonicMs: () => nowMs });
    expect(model.isFresh()).toBe(false);
    await model.catchUp();
    nowMs = 999;
    expect(model.isFresh()).toBe(true);
    nowMs = 1_000;
    expect(model.isFresh()).toBe(false);
    await model.catchUp();
    expect(model.isFresh()).toBe(true);
    await model.close();
    expect(model.isFresh()).toBe(false);
  });
  it('is not fresh while what the store named is not applied', async () => {
    const store = new MemoryEventStore();
    await write(store, clientCreated());
    const model = await ReadModel.open({ file: ':memory:', store, codec });
    await expect(model.catchUp(10)).rejects.toThrow(ReadModelBehindError);
    expect(model.isFresh()).toBe(false);
    await model.close();
  });
  it('is refused when the store does not answer in time', async () => {
    const model = await ReadModel.open({ file: ':memory:', store: new SlowHeadStore(), codec });
    await expect(model.catchUp(10)).rejects.toThrow(ReadModelBehindError);
    await model.close();
  });
});

describe('waiting for a position', () => {
  it('returns at once when it is applied, and is refused when it is not in time', async () => {
    const store = new MemoryEventStore();
    await write(store, clientCreated());
    const model = await opened(store);
    await model.catchUp();
    expect(model.waitFor(1 as Position)).toBeUndefined();
    await expect(model.waitFor(2 as Position, 10)).rejects.toThrow(ReadModelBehindError);
    const waiting = model.waitFor(2 as Position);
    await write(store, clientCreated('b'));
    await waiting;
    const refused = model.waitFor(3 as Position);
    await model.close();
    await expect(refused).rejects.toThrow(ReadModelBehindError);
  });
});
