import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type KeyEntry, type KeySet, type KeySetCommand, type KeySetEvent, canSign, keySet } from './key-set.js';

const given = deciderSpec(keySet);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const set = 'partner';

const privateKey = (kid: string, modulusLength = 683): KeyEntry => ({
  kid,
  publicJwk: { kty: 'RSA', kid, n: 'n'.repeat(modulusLength) },
  secretId: `secret-of-${kid}`,
});
const publicKey = (kid: string): KeyEntry => ({ kid, publicJwk: { kty: 'RSA', kid, n: 'n'.repeat(683) } });
const forAlgorithm = (alg: string): KeyEntry => {
  const key = privateKey(alg);
  return { ...key, publicJwk: { ...key.publicJwk, alg } };
};
const first = privateKey('first');
const second = privateKey('second');

const created = (...keys: KeyEntry[]): KeySetEvent => ({ type: 'KeySetCreated', data: { set, keys, createdAt: at } });
const rotated = (keys: KeyEntry[], takesOverFrom: string[]): KeySetEvent => ({
  type: 'KeyRotated',
  data: { set, keys, takesOverFrom, rotatedAt: at },
});
const keyDeleted = (kid: string): KeySetEvent => ({ type: 'KeyDeleted', data: { set, kid, deletedAt: at } });
const replaced = (...keys: KeyEntry[]): KeySetEvent => ({
  type: 'KeySetReplaced',
  data: { set, keys, replacedAt: at },
});
const deleted: KeySetEvent = { type: 'KeySetDeleted', data: { set, deletedAt: at } };

const add = (...keys: KeyEntry[]): KeySetCommand => ({ type: 'AddGeneratedKeys', set, data: { keys }, now });
type Signing = { signs: boolean; successor?: readonly KeyEntry[] };
const putKey = (key: KeyEntry, signing: Signing = { signs: false }): KeySetCommand => ({
  ...{ type: 'PutKey', set, data: { key, ...signing }, now },
});
const deleteKey = (kid: string, signing: Signing = { signs: false }): KeySetCommand => ({
  ...{ type: 'DeleteKey', set, data: { kid, ...signing }, now },
});
const putSet = (keys: KeyEntry[], signing: Signing = { signs: false }): KeySetCommand => ({
  ...{ type: 'PutKeySet', set, data: { keys, ...signing }, now },
});
const deleteSet = (signing: Signing = { signs: false }): KeySetCommand => ({
  ...{ type: 'DeleteKeySet', set, data: signing, now },
});

describe('AddGeneratedKeys', () => {
  it('creates the set', () => given().when(add(first)).thenEvents(created(first)));
  it('creates it again when all its keys are gone', () =>
    given(created(first), keyDeleted('first')).when(add(second)).thenEvents(created(second)));
  it('creates it again after its deletion', () =>
    given(created(first), deleted).when(add(first)).thenEvents(created(first)));
  it('rotates a set that has keys, and says which ones they take over from', () =>
    given(created(first))
      .when(add(second))
      .thenEvents(rotated([second], ['first'])));
  it('is refused for a kid that is there', () =>
    given(created(first)).when(add(second, first)).thenRefuses('key_exists'));
  it('is refused for a kid twice', () => given().when(add(first, first)).thenRefuses('key_exists'));
});

describe('EnsureSigningKey', () => {
  const ensure: KeySetCommand = { type: 'EnsureSigningKey', set, data: { keys: [second] }, now };

  it('creates the set', () => given().when(ensure).thenEvents(created(second)));
  it('adds to a set that cannot sign', () =>
    given(created(publicKey('first')))
      .when(ensure)
      .thenEvents(rotated([second], ['first'])));
  it('changes nothing for a set that can', () => given(created(first)).when(ensure).thenNothing());
  it('is refused when its kid is taken by a key that cannot sign', () =>
    given(created(publicKey('second')))
      .when(ensure)
      .thenRefuses('key_exists'));
});

describe('PutKey', () => {
  it('adds a key, to a set that is not there too', () =>
    given()
      .when(putKey(first))
      .thenEvents({ type: 'KeyAdded', data: { set, key: first, addedAt: at } }));
  it('replaces the key with that kid', () =>
    given(created(first))
      .when(putKey(publicKey('first')))
      .thenEvents({ type: 'KeyReplaced', data: { set, key: publicKey('first'), replacedAt: at } }));
  it('of a public key in place of the only signing key is refused without a successor', () =>
    given(created(first))
      .when(putKey(publicKey('first'), { signs: true }))
      .thenRefuses('signing_key_required'));
  it('of a public key in place of the only signing key brings the successor', () =>
    given(created(first))
      .when(putKey(publicKey('first'), { signs: true, successor: [second] }))
      .thenEvents(
        { type: 'KeyReplaced', data: { set, key: publicKey('first'), replacedAt: at } },
        rotated([second], ['first']),
      ));
  it('is refused when the successor has the kid of a key that stays', () =>
    given(created(first))
      .when(putKey(publicKey('first'), { signs: true, successor: [first] }))
      .thenRefuses('key_exists'));
});

describe('DeleteKey', () => {
  it('deletes the key', () => given(created(first, second)).when(deleteKey('first')).thenEvents(keyDeleted('first')));
  it('changes nothing for a kid that is not there', () => given(created(first)).when(deleteKey('other')).thenNothing());
  it('changes nothing for a set that is not there', () => given().when(deleteKey('first')).thenNothing());
  it('changes nothing the second time', () =>
    given(created(first), keyDeleted('first'))
      .when(deleteKey('first', { signs: true }))
      .thenNothing());
  it('of the last signing key is refused without a successor', () =>
    given(created(first, publicKey('second')))
      .when(deleteKey('first', { signs: true }))
      .thenRefuses('signing_key_required'));
  it('of the last key brings the successor', () =>
    given(created(first))
      .when(deleteKey('first', { signs: true, successor: [second] }))
      .thenEvents(keyDeleted('first'), created(second)));
  it('leaves the successor alone while another key can sign', () =>
    given(created(first, second))
      .when(deleteKey('first', { signs: true, successor: [privateKey('third')] }))
      .thenEvents(keyDeleted('first')));
});

describe('PutKeySet', () => {
  it('replaces the whole set', () =>
    given(created(first))
      .when(putSet([second]))
      .thenEvents(replaced(second)));
  it('creates a set that is not there', () =>
    given()
      .when(putSet([first]))
      .thenEvents(replaced(first)));
  it('without keys deletes the set', () => given(created(first)).when(putSet([])).thenEvents(deleted));
  it('without keys changes nothing for a set that is not there', () => given().when(putSet([])).thenNothing());
  it('is refused for a kid twice, before anything is gone', () =>
    given(created(first))
      .when(putSet([second, second]))
      .thenRefuses('key_exists'));
  it('without a signing key is refused without a successor', () =>
    given(created(first))
      .when(putSet([publicKey('second')], { signs: true }))
      .thenRefuses('signing_key_required'));
  it('without a signing key brings the successor', () =>
    given(created(first))
      .when(putSet([publicKey('other')], { signs: true, successor: [second] }))
      .thenEvents(replaced(publicKey('other')), rotated([second], ['other'])));
});

describe('DeleteKeySet', () => {
  it('deletes the set', () => given(created(first, second)).when(deleteSet()).thenEvents(deleted));
  it('changes nothing the second time', () => given(created(first), deleted).when(deleteSet()).thenNothing());
  it('changes nothing for a set that is not there, even one that signs', () =>
    given()
      .when(deleteSet({ signs: true }))
      .thenNothing());
  it('of a set that signs is refused without a successor', () =>
    given(created(first))
      .when(deleteSet({ signs: true }))
      .thenRefuses('signing_key_required'));
  it('of a set that signs brings the successor', () =>
    given(created(first))
      .when(deleteSet({ signs: true, successor: [second] }))
      .thenEvents(deleted, created(second)));
});

describe('the folded key set', () => {
  const kids = (...events: KeySetEvent[]): string[] =>
    events
      .reduce<KeySet>((state, event, revision) => keySet.evolve(state, event, revision), keySet.initial())
      .keys.map(({ kid }) => kid);

  it('has the newest keys first; a replaced one counts as new', () => {
    expect(kids(created(first), rotated([second], ['first']))).toEqual(['second', 'first']);
    expect(
      kids(created(first, second), { type: 'KeyAdded', data: { set, key: privateKey('third'), addedAt: at } }),
    ).toEqual([...['third', 'first', 'second']]);
    expect(kids(created(first, second), { type: 'KeyReplaced', data: { set, key: second, replacedAt: at } })).toEqual([
      ...['second', 'first'],
    ]);
  });

  it('is empty once deleted', () => {
    expect(kids(created(first, second), deleted)).toEqual([]);
    expect(kids(created(first), replaced(second), keyDeleted('second'))).toEqual([]);
  });
});

describe('canSign', () => {
  it('asks for RSA with its private part, of 2048 bits at least (RFC 7518 3.3)', () => {
    expect(canSign(first)).toBe(true);
    expect(canSign(privateKey('least', 342))).toBe(true);
    expect(canSign(forAlgorithm('RS256'))).toBe(true);
    expect(canSign(forAlgorithm('whatever'))).toBe(true);
  });

  it.each<[string, KeyEntry]>([
    ['a public key', publicKey('public')],
    ['a short modulus', privateKey('short', 341)],
    ['another kind of key', { kid: 'ec', publicJwk: { kty: 'EC', crv: 'P-521' }, secretId: 'secret' }],
    ['an RSA key without a modulus', { kid: 'odd', publicJwk: { kty: 'RSA' }, secretId: 'secret' }],
    ['a modulus that is no text', { kid: 'odd', publicJwk: { kty: 'RSA', n: 65_537 }, secretId: 'secret' }],
  ])('refuses %s', (_what, key) => expect(canSign(key)).toBe(false));

  it.each(['RS384', 'RS512', 'PS256', 'PS384', 'PS512'])('refuses a key for %s', (alg) =>
    expect(canSign(forAlgorithm(alg))).toBe(false),
  );
});
