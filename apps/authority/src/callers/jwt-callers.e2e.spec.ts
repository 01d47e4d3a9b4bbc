import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, type JWK, SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import { eventBy } from '../testing/admin-tokens.js';
import { authoritySpec } from '../testing/authority-spec.js';

const [issuer, audience] = ['https://idp.example', 'https://hydrant.example/admin'];
/** When every test begins, in seconds. */
const now = Date.parse('2026-01-15T12:00:00.000Z') / 1000;
const claims = {
  iss: issuer,
  aud: audience,
  sub: 'deploy@example',
  exp: now + 300,
  scope: 'clients:read clients:write',
};

type Signer = { readonly privateKey: CryptoKey; readonly publicJwk: JWK };

async function signer(alg: string, kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** A JWT of these claims; `undefined` ones are left out. */
function signed(
  { privateKey, publicJwk: { kid = '', alg = '' } }: Signer,
  payload: object,
  header = {},
): Promise<string> {
  const text = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
  return new SignJWT(text).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
}

describe('with ADMIN_AUTH=jwt', () => {
  const env: Record<string, string> = {
    ...{ ADMIN_AUTH: 'jwt', ADMIN_JWT_ISSUER: issuer, ADMIN_JWT_AUDIENCE: audience },
    OUTBOUND_ALLOW_PRIVATE_ADDRESSES: 'true',
  };
  let server: Server;
  let [rsa, ec]: Signer[] = [];
  let downloads = 0;
  let published: JWK[] | undefined;

  beforeAll(async () => {
    [rsa, ec] = [await signer('RS256', 'one'), await signer('ES256', 'two')];
    published = [rsa.publicJwk, ec.publicJwk, { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', kid: 'oct' }];
    server = createServer((_request, response) => {
      downloads += 1;
      if (published === undefined) response.writeHead(500).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    env['ADMIN_JWT_JWKS_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  const spec = authoritySpec(env);
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const asked = async (token: string, method = 'GET', body?: object) =>
    spec.authority.admin(method, '/clients', body, { authorization: `Bearer ${token}` });

  it.each(['RS256', 'ES256'])('lets a caller in by %s, who is the actor then', async (alg) => {
    const token = await signed(alg === 'RS256' ? rsa! : ec!, claims);
    await spec
      .when(() => asked(token, 'POST', {}))
      .thenAnswers({
        status: 201,
        events: [eventBy('deploy@example')],
      });
  });

  it.each([
    ['a list of scopes', { scope: ['clients:read', 'x'] }, 'GET', 200],
    ['an audience among others', { aud: ['https://elsewhere.example', audience] }, 'GET', 200],
    ['an issuer whose clock is ahead', { nbf: now + 60 }, 'GET', 200],
    ['another scope', { scope: 'clients:write keys:read' }, 'GET', 403],
    ['no scope', { scope: undefined }, 'GET', 403],
    ['a scope that is no text', { scope: { 'clients:read': true } }, 'GET', 403],
    ['only the scope to read', { scope: 'clients:read' }, 'POST', 403],
  ])('%s: %j', async (_what, changes, method, status) => {
    const token = await signed(rsa!, { ...claims, ...changes });
    expect((await asked(token, method, method === 'POST' ? {} : undefined)).status).toBe(status);
  });

  it.each([
    ['another issuer', { iss: `${issuer}/` }],
    ['another audience', { aud: 'https://elsewhere.example' }],
    ['no audience', { aud: undefined }],
    ['one that has expired', { exp: now }],
    ['one that never expires', { exp: undefined }],
    ['one that is not valid yet', { nbf: now + 61 }],
    ['nobody', { sub: undefined }],
    ['somebody who is not to be imitated', { sub: 'hydrant' }],
  ])('refuses %s', async (_what, changes) => {
    const { status, json, headers } = await asked(await signed(rsa!, { ...claims, ...changes }));
    expect([status, json.error]).toEqual([401, 'request_unauthorized']);
    expect(headers.get('www-authenticate')).toContain(', error="invalid_token", error_description="The token ');
  });

  it('refuses what no published key has signed', async () => {
    const stranger = { ...(await signer('RS256', 'one')) };
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'oct' })
      .sign(Buffer.from('c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', 'base64url'));
    const unsigned = new UnsecuredJWT(claims).encode();
    const otherAlg = await signed({ ...rsa!, publicJwk: { ...rsa!.publicJwk, kid: 'two' } }, claims);
    for (const token of [await signed(stranger, claims), hmac, unsigned, otherAlg, 'no-jwt']) {
      expect((await asked(token)).status).toBe(401);
    }
  });

  it('fetches the keys once, and for made-up kids once in a while', async () => {
    const before = downloads;
    const unknown = { ...rsa!, publicJwk: { ...rsa!.publicJwk, kid: 'made-up' } };
    for (let count = 0; count < 5; count += 1) expect((await asked(await signed(unknown, claims))).status).toBe(401);
    expect((await asked(await signed(rsa!, claims))).status).toBe(200);
    expect(downloads - before).toBeLessThanOrEqual(1);
  });

  it('is 503 when the keys are too old and cannot be fetched: no caller has to look for another token', async () => {
    published = undefined;
    spec.clock.advance(200);
    expect((await asked(await signed(rsa!, claims))).status).toBe(200);
    spec.clock.advance(400);
    const { status, headers } = await asked(await signed(rsa!, { ...claims, exp: now + 3600 }));
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  });
});
