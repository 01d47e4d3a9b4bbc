import { beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { MemoryEventStore } from '#libs/event-store';
import { type Answer, type AuthorityClient } from '#libs/harness';
import { authoritySpec } from '../testing/authority-spec.js';

const issuer = 'http://idp.example/';
const clientId = 'asserting';
let key: CryptoKey;

async function present(authority: AuthorityClient, jti: string, more: Record<string, unknown> = {}): Promise<Answer> {
  const claims = { iss: clientId, sub: clientId, aud: `${issuer}oauth2/token`, jti, ...more };
  const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  return authority.form('/oauth2/token', {
    ...{ grant_type: 'client_credentials', client_assertion: assertion },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
}

describe('a client assertion', () => {
  const store = new MemoryEventStore();
  const spec = authoritySpec({ URLS_SELF_ISSUER: issuer }, store);
  const other = authoritySpec({ URLS_SELF_ISSUER: issuer }, store);
  const exp = (): number => spec.clock.at.getTime() / 1000 + 60;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    key = pair.privateKey;
    const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', use: 'sig' }] };
    const registration = { client_id: clientId, token_endpoint_auth_method: 'private_key_jwt', jwks };
    await spec.authority.createClient({ ...registration, grant_types: ['client_credentials'] });
  });

  it('is marked by a hash, in a stream of many, before what it is for happens; then it is refused', async () => {
    const request = (authority: AuthorityClient) => present(authority, 'an-id-of-its-own', { exp: exp() });
    await spec.when(request).thenAnswers({
      status: 200,
      events: [
        {
          stream: expect.stringMatching(/^assertion-\d+-[\da-f]{2}$/),
          type: 'ClientAssertionUsed',
          data: { assertionHash: expect.stringMatching(/^[\w-]{43}$/), refusedFrom: '2026-01-15T12:05:00.000Z' },
          actor: 'public',
        },
        expect.objectContaining({ type: 'TokensIssued' }) as never,
      ],
    });
    await spec.when(request).thenAnswers({ status: 401, events: [] });
    await other.when(request).thenAnswers({ status: 401, events: [] });
    expect(JSON.stringify(await store.readAll(undefined, 1000))).not.toContain('an-id-of-its-own');
  });

  it('counts once where two instances get it at the same moment', async () => {
    const instances = [spec.authority, other.authority];
    for (const jti of ['first', 'second', 'third']) {
      const answers = await Promise.all(
        [...instances, ...instances].map((authority) => present(authority, jti, { exp: exp() })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    }
  });

  it.each([{}, { exp: 'far ahead' }])('without a time at which it is over is refused, and leaves no mark', (what) =>
    spec
      .when((authority) => present(authority, 'endless', 'exp' in what ? { exp: exp() + 3600 } : {}))
      .thenAnswers({ status: 401, events: [] }),
  );
});
