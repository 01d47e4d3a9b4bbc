import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, errorIn, parametersOf, publicClient } from './flow.js';
import { s256Challenge } from './id-tokens.js';

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

describe('the code exchange (RFC 6749 4.1.3)', () => {
  const running = runningAuthority();
  const codeOf = async (client: Client, extra: Record<string, string> = {}, consent = {}): Promise<string> =>
    codeIn(await running.authority.authorize(new TestBrowser(), parametersOf(client, extra), { consent }));
  const outcome = ({ status, json }: Answer): unknown[] => [status, json.error];
  const invalidGrant = [400, 'invalid_grant'];

  it('#9 the redirect has code, issuer, scope and state, nothing else', async () => {
    const client = await running.authority.createClient();
    const url = await running.authority.authorize(new TestBrowser(), parametersOf(client));
    expect([...url.searchParams.keys()]).toEqual(['code', 'iss', 'scope', 'state']);
    expect(url.search).toContain('scope=openid%20offline');
    expect(url.hash).toBe('');
    expect(codeIn(url)).toMatch(/^[\w-]{43}\.[\w-]{43}$/); // D22
  });

  it('#51 gives tokens, not to be cached (RFC 6749 5.1)', async () => {
    const client = await running.authority.createClient();
    const answer = await running.authority.exchange(client, await codeOf(client));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    expect(answer.json).toMatchObject({ token_type: 'bearer', scope: 'openid offline' });
    expect(answer.json.expires_in).toBeGreaterThan(3590);
    expect(answer.json.access_token).toMatch(/^[\w-]{43}\.[\w-]{43}$/); // D22
    expect(answer.headers.get('content-type')?.toLowerCase()).toBe('application/json;charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
  });

  it('#52 a code used twice ends what it gave (4.1.2)', async () => {
    const client = await running.authority.createClient();
    const code = await codeOf(client);
    const { json: tokens } = await running.authority.exchange(client, code);
    expect(outcome(await running.authority.exchange(client, code))).toEqual(invalidGrant);
    expect(await running.authority.isActive(tokens.access_token)).toBe(false);
    expect(await running.authority.isActive(tokens.refresh_token)).toBe(false);
    expect(outcome(await running.authority.refresh(client, tokens.refresh_token))).toEqual(invalidGrant);
  });

  it('#52 of concurrent exchanges at most one gives tokens', async () => {
    const client = await running.authority.createClient();
    const code = await codeOf(client);
    const answers = await Promise.all([1, 2, 3, 4].map(() => running.authority.exchange(client, code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status !== 200).every(({ json }) => json.error === 'invalid_grant')).toBe(
      true,
    );
  });

  it('#53 a code of another client, then a wrong redirect URI, then right: nothing was burnt', async () => {
    const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
    const code = await codeOf(client);
    expect(outcome(await running.authority.exchange(other, code))).toEqual(invalidGrant);
    const elsewhere = { ...client, redirectUri: 'http://127.0.0.1:5555/Callback' };
    expect(outcome(await running.authority.exchange(elsewhere, code))).toEqual(invalidGrant);
    const without = { grant_type: 'authorization_code', code };
    expect(outcome(await running.authority.form('/oauth2/token', without, client))).toEqual(invalidGrant);
    expect((await running.authority.exchange(client, code)).status).toBe(200);
  });

  it('3.3 no redirect URI is needed where none was sent', async () => {
    const client = await running.authority.createClient();
    const url = await running.authority.authorize(new TestBrowser(), { client_id: client.id, scope: 'openid' });
    const form = { grant_type: 'authorization_code', code: codeIn(url) };
    expect((await running.authority.form('/oauth2/token', form, client)).status).toBe(200);
  });

  it('#54 without offline no refresh token, without openid no ID token', async () => {
    const client = await running.authority.createClient();
    const exchange = async (scopes: string[]): Promise<object> =>
      (await running.authority.exchange(client, await codeOf(client, {}, { grant_scope: scopes }))).json;
    expect(await exchange(['openid'])).not.toHaveProperty('refresh_token');
    expect(await exchange(['offline'])).not.toHaveProperty('id_token');
    expect(await exchange(['offline_access'])).toHaveProperty('refresh_token');
    const wrongCase = await exchange(['OPENID', 'OFFLINE']);
    expect(wrongCase).not.toHaveProperty('id_token');
    expect(wrongCase).not.toHaveProperty('refresh_token');
  });

  it.each([
    ['unknown', 'garbage'],
    ['of a form like ours', `${'A'.repeat(43)}.${'A'.repeat(43)}`],
  ])('3.3 a code that is %s', async (_what, code) => {
    const client = await running.authority.createClient();
    expect(outcome(await running.authority.exchange(client, code))).toEqual(invalidGrant);
  });

  it('3.3 an access token, a refresh token are no codes, and a code is no token', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    expect(outcome(await running.authority.exchange(client, tokens.access_token))).toEqual(invalidGrant);
    expect(outcome(await running.authority.exchange(client, tokens.refresh_token ?? ''))).toEqual(invalidGrant);
    const code = await codeOf(client);
    expect(outcome(await running.authority.refresh(client, code))).toEqual(invalidGrant);
    expect(await running.authority.isActive(code)).toBe(false);
  });

  it('5.2 errors of the request itself', async () => {
    const client = await running.authority.createClient();
    const send = async (form: Record<string, string>): Promise<unknown[]> =>
      outcome(await running.authority.form('/oauth2/token', form, client));
    expect(await send({})).toEqual([400, 'invalid_request']);
    expect(await send({ code: 'x' })).toEqual([400, 'invalid_request']);
    expect(await send({ grant_type: 'authorization_code' })).toEqual([400, 'invalid_request']);
    expect(await send({ grant_type: 'password', username: 'a', password: 'b' })).toEqual([
      400,
      'unsupported_grant_type',
    ]);
    expect(await send({ grant_type: 'Authorization_Code', code: 'x' })).toEqual([400, 'unsupported_grant_type']);
    const error = await running.authority.form('/oauth2/token', { grant_type: 'x' }, client);
    expect(error.json).toMatchObject({ status_code: 400 });
    expect(error.json).not.toHaveProperty('error_debug');
    expect(error.json).not.toHaveProperty('request_id');
  });

  it('3.2 a repeated parameter, a JSON body, another method', async () => {
    const client = await running.authority.createClient();
    const url = `${running.publicUrl}/oauth2/token`;
    const authorization = `Basic ${Buffer.from(`${client.id}:${encodeURIComponent(client.secret)}`).toString('base64')}`;
    const post = async (type: string, body: string): Promise<number> =>
      (await fetch(url, { method: 'POST', body, headers: { authorization, 'content-type': type } })).status;
    expect(await post('application/x-www-form-urlencoded', 'grant_type=client_credentials&grant_type=x')).toBe(400);
    expect(await post('application/json', '{"grant_type":"client_credentials"}')).toBe(400);
    expect((await fetch(`${url}?grant_type=client_credentials`, { headers: { authorization } })).status).toBe(405);
  });

  it('3.3 a client without the grant', async () => {
    const client = await running.authority.createClient();
    const code = await codeOf(client);
    const registration = { ...(await running.authority.admin('GET', `/clients/${client.id}`)).json };
    await running.authority.admin('PUT', `/clients/${client.id}`, { ...registration, grant_types: ['refresh_token'] });
    expect(outcome(await running.authority.exchange(client, code))).toEqual(invalidGrant);
  });

  describe('with PKCE (RFC 7636)', () => {
    const withChallenge = async (): Promise<Record<string, string>> => ({
      code_challenge: await s256Challenge(verifier),
      code_challenge_method: 'S256',
    });
    const redeem = (client: Client, code: string, codeVerifier?: string): Promise<Answer> =>
      running.authority.form('/oauth2/token', {
        ...{ grant_type: 'authorization_code', client_id: client.id, redirect_uri: client.redirectUri, code },
        ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
      });

    it('the vector of appendix B', async () => {
      expect(await s256Challenge(verifier)).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    });

    it('#69 4.6 right verifier', async () => {
      const client = await publicClient(running.authority);
      expect((await redeem(client, await codeOf(client, await withChallenge()), verifier)).status).toBe(200);
    });

    it('#69 4.6 wrong verifier spends the code, even for the right one', async () => {
      const client = await publicClient(running.authority);
      const code = await codeOf(client, await withChallenge());
      expect(outcome(await redeem(client, code, 'x'.repeat(43)))).toEqual(invalidGrant);
      expect(outcome(await redeem(client, code, verifier))).toEqual(invalidGrant);
    });

    it.each([
      ['missing', undefined],
      ['too short', 'x'.repeat(42)],
      ['too long', 'x'.repeat(129)],
      ['with a character of base64', `${'x'.repeat(42)}+`],
    ])('#69 D19 4.1 a verifier that is %s', async (_what, sent) => {
      const client = await publicClient(running.authority);
      const code = await codeOf(client, await withChallenge());
      expect(outcome(await redeem(client, code, sent))).toEqual(invalidGrant);
    });

    it('D19 4.1 a verifier with every unreserved character', async () => {
      const client = await publicClient(running.authority);
      const unreserved = `-._~${'aZ09'.repeat(12)}`;
      const challenge = { code_challenge: await s256Challenge(unreserved), code_challenge_method: 'S256' };
      expect((await redeem(client, await codeOf(client, challenge), unreserved)).status).toBe(200);
    });

    it('3.8 a verifier without a challenge (RFC 9700 2.1.1, downgrade)', async () => {
      const client = await publicClient(running.authority);
      expect(outcome(await redeem(client, await codeOf(client), verifier))).toEqual(invalidGrant);
    });

    it('3.8 a public client without PKCE works', async () => {
      const client = await publicClient(running.authority);
      expect((await redeem(client, await codeOf(client))).status).toBe(200);
    });

    it('3.8 a challenge of a confidential client is enforced', async () => {
      const client = await running.authority.createClient();
      const code = await codeOf(client, await withChallenge());
      expect(outcome(await running.authority.exchange(client, code))).toEqual(invalidGrant);
    });

    it.each([{ code_challenge_method: 'plain' }, {}, { code_challenge_method: 's256' }])(
      '#70 4.3 only S256: %j',
      async (method: Record<string, string>) => {
        const client = await publicClient(running.authority);
        const url = await running.authority.authorize(
          new TestBrowser(),
          parametersOf(client, { code_challenge: verifier, ...method }),
        );
        expect([errorIn(url), url.searchParams.has('code')]).toEqual(['invalid_request', false]);
      },
    );

    it('4.2 a challenge that is no SHA-256', async () => {
      const client = await publicClient(running.authority);
      const url = await running.authority.authorize(
        new TestBrowser(),
        parametersOf(client, { code_challenge: 'short', code_challenge_method: 'S256' }),
      );
      expect(errorIn(url)).toBe('invalid_request');
    });
  });
});
