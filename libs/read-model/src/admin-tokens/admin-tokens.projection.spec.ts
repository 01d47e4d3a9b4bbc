import { describe, expect, it } from '@jest/globals';
import { type AuthorityEvent } from '#libs/domain';
import { MemoryEventStore } from '#libs/event-store';
import { type ReadModelDatabase } from '../engine/database.js';
import { ReadModel } from '../engine/read-model.js';
import { HistoryWriter, codecWith, given } from '../projection-spec.js';
import { findAdminToken, listAdminTokens } from './admin-tokens.projection.js';

const createdAt = '2030-01-01T00:00:00.000Z';
const expiresAt = '2030-04-01T00:00:00.000Z';
const created = (name: string, tokenHash = `hash-of-${name}`): AuthorityEvent => ({
  type: 'AdminTokenCreated',
  data: { name, tokenHash, scopes: ['clients:read', 'keys:write'], createdAt, expiresAt },
});
const revoked = (name: string): AuthorityEvent => ({
  type: 'AdminTokenRevoked',
  data: { name, revokedAt: '2030-01-02T00:00:00.000Z' },
});
const view = (name: string) => ({ name, scopes: ['clients:read', 'keys:write'], createdAt, expiresAt });

const before = new Date('2030-03-31T23:59:59.999Z');
const find =
  (name: string, now = before) =>
  (db: ReadModelDatabase) =>
    findAdminToken(db, `hash-of-${name}`, now);

describe('findAdminToken', () => {
  it('finds it by the hash alone', () => given(created('one'), created('two')).thenAnswers(find('two'), view('two')));
  it('not by another hash', () => given(created('one')).thenAnswers(find('two'), undefined));
  it('not at the moment it expires', () =>
    given(created('one')).thenAnswers(find('one', new Date(expiresAt)), undefined));
  it('not once it is revoked', () =>
    given(created('one'), created('two'), revoked('one')).thenAnswers(
      (db) => [find('one')(db), find('two')(db)],
      [undefined, view('two')],
    ));
  it('finds the newer one of a name only', () =>
    given(created('one', 'old'), revoked('one'), created('one')).thenAnswers(
      (db) => [findAdminToken(db, 'old', before), find('one')(db)],
      [undefined, view('one')],
    ));

  it('is told of every change at once', async () => {
    const store = new MemoryEventStore();
    const codec = codecWith();
    const writer = new HistoryWriter(store, codec);
    const model = await ReadModel.open({ file: ':memory:', store, codec });
    model.start();
    const seen = [];
    for (const event of [created('one'), created('two'), revoked('one')]) {
      await writer.write(event);
      await model.catchUp();
      seen.push([find('one')(model.db)?.name, find('two')(model.db)?.name]);
    }
    await model.close();
    await store.close();
    expect(seen).toEqual([
      ['one', undefined],
      ['one', 'two'],
      [undefined, 'two'],
    ]);
  });
});

describe('listAdminTokens', () => {
  it('has those that are alive, by name, without their hashes', () =>
    given(created('b'), created('a'), created('c'), revoked('c')).thenAnswers(
      (db) => listAdminTokens(db, before),
      [view('a'), view('b')],
    ));
  it('has none that has expired', () =>
    given(created('a')).thenAnswers((db) => listAdminTokens(db, new Date(expiresAt)), []));
});
