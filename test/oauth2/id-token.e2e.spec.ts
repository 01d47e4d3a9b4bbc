import { describe, expect, it } from '@jest/globals';
import { type Tokens, TestBrowser, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, parametersOf, rememberAlice, sinceMoment } from './flow.js';
import { accessTokenHash, verifyIdToken } from './id-tokens.js';

const seconds = (): number => Math.floor(Date.now() / 1000);

describe('the ID token (OpenID Connect Core 1.0 2)', () => {
  const running = runningAuthority();
  /** A flow with parameters and decisions of its own, and the verified claims of its ID token. */
  const claimsOf = async (
    client: Client,
    extra: Record<string, string> = {},
    { login = {}, consent = {} }: { login?: Record<string, unknown>; consent?: Record<string, unknown> } = {},
  ): Promise<Record<string, unknown>> => {
    const decisions = { subject: 'alice', login, consent };
    const url = await running.authority.authorize(new TestBrowser(), parametersOf(client, extra), decisions);
    const { json } = await running.authority.exchange(client, codeIn(url));
    return (await verifyIdToken(running.publicUrl, json.id_token, client.id)).payload;
  };

  it("#51 has the protocol's claims, verifies with jwks.json, and is RS256", async () => {
    const client = await running.authority.createClient();
    const before = seconds();
    const tokens: Tokens = await running.authority.obtainTokens(client, { subject: 'alice' });
    const { payload, protectedHeader } = await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.stringMatching(/^public:/) });
    expect(Object.keys(payload).sort()).toEqual([
      ...['at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'rat', 'sub'],
    ]);
    expect(payload).toMatchObject({ sub: 'alice', aud: [client.id], iss: `${running.publicUrl}/` });
    expect(payload.at_hash).toBe(await accessTokenHash(tokens.access_token));
    expect(payload.jti).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const { iat = 0, exp = 0, auth_time: authTime, rat } = payload;
    expect(exp - iat).toBe(3600);
    for (const time of [iat, authTime, rat]) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(seconds());
    }
  });

  it('2 the nonce comes back; D18 without one there is no member', async () => {
    const client = await running.authority.createClient();
    expect((await claimsOf(client, { nonce: 'n-0S6_WzA2Mj' })).nonce).toBe('n-0S6_WzA2Mj');
    expect(await claimsOf(client)).not.toHaveProperty('nonce');
    expect(await claimsOf(client, { nonce: '' })).not.toHaveProperty('nonce');
  });

  it('4.1 acr: what the login app says, "0" when only asked for, else absent', async () => {
    const client = await running.authority.createClient();
    expect((await claimsOf(client, { acr_values: '1 2' }, { login: { acr: '2' } })).acr).toBe('2');
    expect((await claimsOf(client, {}, { login: { acr: '2' } })).acr).toBe('2');
    expect((await claimsOf(client, { acr_values: '1 2' })).acr).toBe('0');
    expect(await claimsOf(client)).not.toHaveProperty('acr');
  });

  it("4.1 claims of the consent app never override the protocol's", async () => {
    const client = await running.authority.createClient();
    const forged = {
      ...{ iss: 'x', sub: 'mallory', aud: ['x'], exp: 1, iat: 1, auth_time: 1, rat: 1, nonce: 'x', jti: 'x' },
      ...{ acr: '9', at_hash: 'x', c_hash: 'x', colour: 'blue', roles: ['admin'] },
    };
    const claims = await claimsOf(client, {}, { consent: { session: { id_token: forged } } });
    expect(claims).toMatchObject({ sub: 'alice', aud: [client.id], colour: 'blue', roles: ['admin'] });
    for (const name of ['nonce', 'acr', 'c_hash']) expect(claims).not.toHaveProperty(name);
    for (const name of ['iss', 'exp', 'iat', 'auth_time', 'rat', 'jti', 'at_hash'] as const)
      expect(claims[name]).not.toBe(forged[name]);
  });

  it('4.1 session.access_token does not get into it, nor the audience of the access token', async () => {
    const client = await running.authority.createClient();
    const claims = await claimsOf(
      client,
      { audience: 'https://api.example.org/' },
      { consent: { session: { access_token: { tenant: 7 } } } },
    );
    expect(claims).not.toHaveProperty('tenant');
    expect(claims).not.toHaveProperty('ext');
    expect(claims.aud).toEqual([client.id]);
  });

  it('4.1 auth_time is of the login that is remembered, rat of the request', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const first = await running.authority.exchange(
      client,
      codeIn(await rememberAlice(running.authority, browser, parametersOf(client))),
    );
    const { payload: before } = await verifyIdToken(running.publicUrl, first.json.id_token, client.id);
    await sinceMoment(Date.now(), 1100);
    const tokens = await running.authority.obtainTokens(client, { browser, subject: 'alice' });
    const { payload: after } = await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
    expect(after.auth_time).toBe(before.auth_time);
    expect(after.rat).toBeGreaterThan(before.rat as number);
  });

  it('3.1.3.6 at_hash of a refreshed one is of the new access token', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    const { payload } = await verifyIdToken(running.publicUrl, json.id_token, client.id);
    expect(payload.at_hash).toBe(await accessTokenHash(json.access_token));
  });

  it('2 a subject of any script is the same everywhere', async () => {
    const client = await running.authority.createClient();
    const subject = 'Zoë 字+%&@example.org';
    const tokens = await running.authority.obtainTokens(client, { subject });
    const { payload } = await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
    expect(payload.sub).toBe(subject);
    expect((await running.authority.introspect(tokens.access_token)).json.sub).toBe(subject);
    const path = `/oauth2/auth/sessions/consent/${encodeURIComponent(subject)}`;
    expect((await running.authority.admin('GET', path)).json).toHaveLength(1);
    expect((await running.authority.admin('DELETE', path)).status).toBe(204);
    expect(await running.authority.isActive(tokens.access_token)).toBe(false);
  });

  it('is no access token', async () => {
    const client = await running.authority.createClient();
    const { id_token: token = '' } = await running.authority.obtainTokens(client);
    expect(await running.authority.isActive(token)).toBe(false);
  });
});
