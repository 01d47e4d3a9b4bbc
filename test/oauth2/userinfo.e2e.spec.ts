import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { publishedKeys } from './id-tokens.js';
import { runningAuthority } from '#libs/testing';

describe('userinfo (OpenID Connect Core 1.0 5.3)', () => {
  const running = runningAuthority();
  const ask = (init: RequestInit = {}, query = ''): Promise<Response> =>
    fetch(`${running.publicUrl}/userinfo${query}`, init);
  const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

  it('#62 by header with GET and POST, by form, by query (RFC 6750 2)', async () => {
    const client = await running.authority.createClient();
    const { access_token: token } = await running.authority.obtainTokens(client, { subject: 'alice' });
    const form = { method: 'POST', body: new URLSearchParams({ access_token: token }) };
    const answers = [
      await ask(bearer(token)),
      await ask({ method: 'POST', ...bearer(token) }),
      await ask(form),
      await ask({}, `?access_token=${token}`),
    ];
    for (const answer of answers) {
      expect([answer.status, await answer.json()]).toEqual([200, { sub: 'alice' }]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    }
  });

  it("5.3.2 has the consent app's claims and acr, no protocol claims", async () => {
    const client = await running.authority.createClient();
    const { access_token: token } = await running.authority.obtainTokens(client, {
      subject: 'alice',
      login: { acr: '3' },
      consent: {
        session: { id_token: { name: 'Alice', address: { city: 'Bern' }, sub: 'mallory', iss: 'x', exp: 1 } },
      },
    });
    expect(await (await ask(bearer(token))).json()).toEqual({
      acr: '3',
      address: { city: 'Bern' },
      name: 'Alice',
      sub: 'alice',
    });
  });

  it('1.5 the header beats the parameter', async () => {
    const client = await running.authority.createClient();
    const { access_token: token } = await running.authority.obtainTokens(client);
    expect((await ask(bearer(token), '?access_token=garbage')).status).toBe(200);
    expect((await ask(bearer('garbage'), `?access_token=${token}`)).status).toBe(401);
  });

  it("1.5 only a token of an OpenID request will do, never a client's own, whatever its scope", async () => {
    const client = await running.authority.createClient();
    const photos = await running.authority.obtainTokens(client, { scope: 'photos', subject: 'alice' });
    const own = { grant_type: 'client_credentials', scope: 'openid' };
    const { json } = await running.authority.form('/oauth2/token', own, client);
    for (const token of [photos.access_token, json.access_token]) {
      const answer = await ask(bearer(token));
      expect([answer.status, await answer.json()]).toMatchObject([403, { error: 'insufficient_scope' }]);
      expect(answer.headers.get('www-authenticate')).toBe(
        'Bearer realm="userinfo", error="insufficient_scope", scope="openid"',
      );
    }
  });

  it('#62 a bad, a missing, a refresh and a revoked token: 401 request_unauthorized', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const revoked = await running.authority.obtainTokens(client);
    await running.authority.form('/oauth2/revoke', { token: revoked.access_token }, client);
    const invalid = 'Bearer realm="userinfo", error="invalid_token"';
    for (const init of [
      {},
      bearer('garbage'),
      bearer(tokens.refresh_token ?? ''),
      bearer(tokens.id_token ?? ''),
      bearer(revoked.access_token),
      { headers: { authorization: `Basic ${tokens.access_token}` } },
    ]) {
      const answer = await ask(init);
      expect(answer.status).toBe(401);
      const presented = JSON.stringify(init).includes('Bearer');
      expect(answer.headers.get('www-authenticate')).toBe(presented ? invalid : 'Bearer realm="userinfo"');
      expect(await answer.json()).toMatchObject({ error: 'request_unauthorized', status_code: 401 });
    }
  });

  it('#63 signed for a client that wants RS256', async () => {
    const client = await running.authority.createClient({ userinfo_signed_response_alg: 'RS256' });
    const { access_token: token } = await running.authority.obtainTokens(client, {
      subject: 'alice',
      consent: { session: { id_token: { name: 'Alice' } } },
    });
    const answer = await ask(bearer(token));
    expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/);
    const jwt = await answer.text();
    const { payload } = await jwtVerify(jwt, createLocalJWKSet(await publishedKeys(running.publicUrl)));
    expect(payload).toEqual({ sub: 'alice', name: 'Alice', iss: `${running.publicUrl}/`, aud: [client.id] });
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'RS256', kid: expect.stringMatching(/^public:/) });
  });

  it('#64 the client API refuses another algorithm', async () => {
    const { status } = await running.authority.admin('POST', '/clients', { userinfo_signed_response_alg: 'HS256' });
    expect(status).toBe(400);
  });
});
