import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type RootEvent, type SealedRootKey, root } from './root.js';

const given = deciderSpec(root);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const sealedBy = (secret: string): SealedRootKey => ({
  generation: 1,
  kdf: { algorithm: 'argon2id', salt: `salt-of-${secret}`, memoryKiB: 65_536, passes: 3, parallelism: 1 },
  sealed: `sealed-by-${secret}`,
});
const created: RootEvent = { type: 'RootKeyCreated', data: { ...sealedBy('first'), createdAt: at } };
const resealed: RootEvent = { type: 'RootKeyResealed', data: { ...sealedBy('second'), resealedAt: at } };

describe('CreateRootKey', () => {
  it('records the sealed key', () =>
    given()
      .when({ type: 'CreateRootKey', data: sealedBy('first'), now })
      .thenEvents(created));
  it('changes nothing when there is one: of two first starts one wins', () =>
    given(created)
      .when({ type: 'CreateRootKey', data: sealedBy('other'), now })
      .thenNothing());
  it('changes nothing after a reseal', () =>
    given(created, resealed)
      .when({ type: 'CreateRootKey', data: sealedBy('other'), now })
      .thenNothing());
});

describe('ResealRootKey', () => {
  it('records the key sealed under another secret', () =>
    given(created)
      .when({ type: 'ResealRootKey', data: sealedBy('second'), now })
      .thenEvents(resealed));
  it('is refused when there is no key', () =>
    given()
      .when({ type: 'ResealRootKey', data: sealedBy('second'), now })
      .thenRefuses('root_key_missing'));
});

describe('the folded root', () => {
  it('holds the key as it was sealed last, and nothing else', () => {
    const state = [created, resealed].reduce(
      (folded, event, revision) => root.evolve(folded, event, revision),
      root.initial(),
    );
    expect(state).toEqual({ sealedKey: sealedBy('second') });
  });
});
