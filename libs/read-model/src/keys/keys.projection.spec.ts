import { describe, it } from '@jest/globals';
import { type AuthorityEvent, type KeyEntry } from '#libs/domain';
import { goJson } from '#libs/oauth2';
import { given } from '../projection-spec.js';
import { at, key } from '../spec-events.js';
import { findKey, findKeySet, orphanSecrets, publishedKeys, signingKey } from './keys.queries.js';

const set = 'hydra.openid.id-token';
const created = (...keys: KeyEntry[]): AuthorityEvent => ({
  type: 'KeySetCreated',
  data: { set, keys, createdAt: at(0) },
});
const rotated = (...keys: KeyEntry[]): AuthorityEvent => ({
  type: 'KeyRotated',
  data: { set, keys, takesOverFrom: [], rotatedAt: at(1) },
});
const added = (added: KeyEntry): AuthorityEvent => ({ type: 'KeyAdded', data: { set, key: added, addedAt: at(1) } });
const replaced = (by: KeyEntry): AuthorityEvent => ({ type: 'KeyReplaced', data: { set, key: by, replacedAt: at(2) } });
const deleted = (kid: string): AuthorityEvent => ({ type: 'KeyDeleted', data: { set, kid, deletedAt: at(3) } });
const sealed = (secretId: string): AuthorityEvent => ({
  type: 'SecretSealed',
  data: { secretId, set, sealedJwk: `sealed-${secretId}` },
});
const pair = (name: string): KeyEntry[] => [key(`private:${name}`, `secret/${name}`), key(`public:${name}`)];
const kids = (found: ReturnType<typeof findKeySet>): string[] | undefined => found?.keys.map(({ kid }) => kid);

describe('findKeySet', () => {
  it('lists the newest batch first, each in its order', () =>
    given(created(...pair('a')), rotated(...pair('b'))).thenAnswers(
      (db) => kids(findKeySet(db, set)),
      [...['private:b', 'public:b', 'private:a', 'public:a']],
    ));
  it('puts an added and a replaced key first', () =>
    given(created(...pair('a')), added(key('x')), replaced(key('public:a'))).thenAnswers(
      (db) => [kids(findKeySet(db, set)), findKeySet(db, set)?.revision],
      [['public:a', 'x', 'private:a'], 2],
    ));
  it('knows no set without keys', () =>
    given(created(key('x')), deleted('x')).thenAnswers((db) => findKeySet(db, set), undefined));
  it('forgets all keys of a deleted set', () =>
    given(created(key('x')), { type: 'KeySetDeleted', data: { set, deletedAt: at(1) } }).thenAnswers(
      (db) => [findKeySet(db, set), findKey(db, set, 'x')],
      [undefined, undefined],
    ));
  it('has only the new keys of a replaced set', () =>
    given(created(key('x')), {
      type: 'KeySetReplaced',
      data: { set, keys: [key('y')], replacedAt: at(1) },
    }).thenAnswers((db) => kids(findKeySet(db, set)), ['y']));
});

describe('findKey', () => {
  it('joins the sealed secret', () =>
    given(sealed('secret/a'), created(...pair('a'))).thenAnswers((db) => findKey(db, set, 'private:a'), {
      ...{ kid: 'private:a', secretId: 'secret/a', sealedJwk: 'sealed-secret/a' },
      publicJwk: goJson(key('private:a').publicJwk),
    }));
  it('is without its secret once that stream is deleted', () =>
    given(sealed('secret/a'), created(...pair('a')), { deleteStream: 'secret-secret%2Fa' }).thenAnswers(
      (db) => findKey(db, set, 'private:a')?.sealedJwk,
      null,
    ));
});

describe('signingKey', () => {
  it('is the newest private RSA key, with or without prefix', () =>
    given(created(...pair('a')), added(key('b', 'secret-b')), added(key('c', 'secret-c', 'EC'))).thenAnswers(
      (db) => signingKey(db, set)?.kid,
      'b',
    ));
  it('is missing in a set of public keys', () =>
    given(created(key('public:a'))).thenAnswers((db) => signingKey(db, set), undefined));
});

describe('publishedKeys', () => {
  it('are public: keys and the public halves of private RSA keys without prefix, each once', () =>
    given(
      created(...pair('a')),
      added(key('b', 'secret-b')),
      added(key('c')),
      added(key('d', 'secret-d', 'EC')),
    ).thenAnswers(
      (db) => publishedKeys(db, [set, 'other', set]),
      [goJson(key('b').publicJwk), goJson(key('public:a').publicJwk)],
    ));
  it('have the public half of a signing key whose twin was deleted', () =>
    given(created(...pair('a')), deleted('public:a')).thenAnswers(
      (db) => publishedKeys(db, [set]).map((jwk) => (JSON.parse(jwk) as { kid: string }).kid),
      ['public:a'],
    ));
});

describe('orphanSecrets', () => {
  it('are old secrets whose key never came or went', () =>
    given(
      { event: sealed('never'), recordedAt: at(0) },
      { event: sealed('went'), recordedAt: at(1) },
      { event: sealed('used'), recordedAt: at(1) },
      { event: sealed('young'), recordedAt: at(9) },
      created(key('x', 'went'), key('y', 'used')),
      deleted('x'),
    ).thenAnswers(
      (db) => orphanSecrets(db, { olderThan: at(5), limit: 10 }),
      [
        { secretId: 'never', revision: 0 },
        { secretId: 'went', revision: 0 },
      ],
    ));
});
