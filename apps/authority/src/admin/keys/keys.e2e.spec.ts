import { describe, expect, it } from '@jest/globals';
import { streamDeleted } from '#libs/event-store';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';

const publicKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

describe('key sets', () => {
  const spec = authoritySpec();
  const now = () => spec.clock.inSeconds(0);
  const anySecret = expect.stringMatching(/^secret-/);
  const sealed: Recorded = {
    stream: anySecret,
    type: 'SecretSealed',
    data: expect.objectContaining({ secretId: expect.any(String) }),
    actor: 'admin',
  };
  const entry = (kid: string) => ({ kid, publicJwk: expect.objectContaining({ kid }), secretId: expect.any(String) });
  const change = (type: Recorded['type'], set: string, data: object): Recorded => ({
    ...{ stream: `keyset-${encodeURIComponent(set)}`, type, data: { set, ...data }, actor: 'admin' },
  });
  const hmac = (kid: string) => ({ alg: 'HS256', kid, use: 'sig' });
  const generate = (set: string, kid: string) => spec.authority.admin('POST', `/keys/${set}`, hmac(kid));

  it('generating keys writes the secret first, then the set that names it', () =>
    spec
      .when((authority) => authority.admin('POST', '/keys/s1', hmac('k1'), { 'x-reason': 'yearly' }))
      .thenAnswers({
        status: 201,
        events: [
          { ...sealed, reason: 'yearly' },
          { ...change('KeySetCreated', 's1', { keys: [entry('k1')], createdAt: now() }), reason: 'yearly' },
        ],
      }));

  it('generating more says which keys they take over from', async () => {
    await generate('s2', 'k1');
    await spec
      .when(() => generate('s2', 'k2'))
      .thenAnswers({
        status: 201,
        events: [sealed, change('KeyRotated', 's2', { keys: [entry('k2')], takesOverFrom: ['k1'], rotatedAt: now() })],
      });
  });

  it('putting a public key writes no secret; putting it again replaces it', async () => {
    const key = { ...publicKey, kid: 'k1', use: 'sig', alg: 'ES256' };
    const put = () => spec.authority.admin('PUT', '/keys/s3/k1', key);
    const entryOfIt = { kid: 'k1', publicJwk: key };
    await spec
      .when(put)
      .thenAnswers({ status: 200, events: [change('KeyAdded', 's3', { key: entryOfIt, addedAt: now() })] });
    await spec
      .when(put)
      .thenAnswers({ status: 200, events: [change('KeyReplaced', 's3', { key: entryOfIt, replacedAt: now() })] });
  });

  it('deleting a key removes its secret after it, for good', async () => {
    await generate('s4', 'k1');
    await generate('s4', 'k2');
    await spec
      .when((authority) => authority.admin('DELETE', '/keys/s4/k1'))
      .thenAnswers({
        status: 204,
        events: [
          change('KeyDeleted', 's4', { kid: 'k1', deletedAt: now() }),
          { stream: anySecret, type: streamDeleted },
        ],
      });
  });

  it('deleting a set removes the secrets of all its keys', async () => {
    await generate('s5', 'k1');
    await generate('s5', 'k2');
    const deletedSecret = { stream: anySecret, type: streamDeleted } as const;
    await spec
      .when((authority) => authority.admin('DELETE', '/keys/s5'))
      .thenAnswers({
        status: 204,
        events: [change('KeySetDeleted', 's5', { deletedAt: now() }), deletedSecret, deletedSecret],
      });
  });

  it('replacing a set removes the secrets of the keys that go', async () => {
    await generate('s6', 'k1');
    const key = { ...publicKey, kid: 'k9', use: 'sig', alg: 'ES256' };
    await spec
      .when((authority) => authority.admin('PUT', '/keys/s6', { keys: [key] }))
      .thenAnswers({
        status: 200,
        events: [
          change('KeySetReplaced', 's6', { keys: [{ kid: 'k9', publicJwk: key }], replacedAt: now() }),
          { stream: anySecret, type: streamDeleted },
        ],
      });
  });

  it('the set that signs ID tokens gets a key in the append that takes its last one', () => {
    const set = 'hydra.openid.id-token';
    return spec
      .when((authority) => authority.admin('DELETE', `/keys/${set}`))
      .thenAnswers({
        status: 204,
        events: [
          sealed,
          change('KeySetDeleted', set, { deletedAt: now() }),
          change('KeySetCreated', set, { keys: expect.any(Array), createdAt: now() }),
          { stream: anySecret, type: streamDeleted },
        ],
      });
  });

  it.each([
    ['deleting a set nobody knows', 'DELETE', '/keys/nothing', undefined, 204],
    ['deleting a key nobody knows', 'DELETE', '/keys/nothing/k1', undefined, 204],
    ['an algorithm nobody knows', 'POST', '/keys/s7', { alg: 'none', kid: 'k', use: 'sig' }, 400],
    ['what is no key', 'PUT', '/keys/s7/k1', { kty: 'RSA' }, 400],
    ['reading', 'GET', '/keys/hydra.openid.id-token', undefined, 200],
  ])('%s records nothing', (_what, method, path, body, status) =>
    spec.when((authority) => authority.admin(method, path, body)).thenAnswers({ status, events: [] }),
  );
});
