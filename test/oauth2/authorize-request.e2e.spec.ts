import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { afterLogin, errorIn, parametersOf } from './flow.js';

describe('the authorization request (RFC 6749 4.1.1)', () => {
  const running = runningAuthority();
  const first = (parameters: Record<string, string> | string): Promise<URL> =>
    new TestBrowser().followed(
      typeof parameters === 'string' ? parameters : running.authority.authorizationUrl(parameters),
    );

  describe('is answered on the error page while no redirect URI is trusted (4.1.2.1)', () => {
    const pageOf = (url: URL): string => `${url.origin}${url.pathname}`;

    it('#46 when the client is unknown or missing', async () => {
      const unknown = await first({ client_id: 'nobody', redirect_uri: 'http://127.0.0.1:5555/callback' });
      expect(pageOf(unknown)).toBe(apps.error);
      expect(errorIn(unknown)).toBe('invalid_client');
      expect(errorIn(await first({ redirect_uri: 'http://127.0.0.1:5555/callback' }))).toBe('invalid_client');
    });

    it.each([
      ['not registered', 'http://127.0.0.1:5555/other'],
      ['registered in another case', 'http://127.0.0.1:5555/Callback'],
      ['registered without this query', 'http://127.0.0.1:5555/callback?x=1'],
      ['registered with another port', 'http://127.0.0.1:5556/callback'],
      ['relative', '/callback'],
      ['registered without a fragment', 'http://127.0.0.1:5555/callback#x'],
    ])('#46 when the redirect URI is %s', async (_what, redirectUri) => {
      const client = await running.authority.createClient();
      const url = await first({ ...parametersOf(client), redirect_uri: redirectUri });
      expect(pageOf(url)).toBe(apps.error);
      expect(errorIn(url)).toBe('invalid_request');
    });

    it('3.1.2.3 when none of several registered redirect URIs is named', async () => {
      const client = await running.authority.createClient({
        redirect_uris: ['http://127.0.0.1:5555/callback', 'http://127.0.0.1:5555/other'],
      });
      const url = await first({ client_id: client.id, scope: 'openid' });
      expect([pageOf(url), errorIn(url)]).toEqual([apps.error, 'invalid_request']);
    });

    it('3.1 when client_id or redirect_uri is repeated, or the encoding is broken', async () => {
      const client = await running.authority.createClient();
      const url = running.authority.authorizationUrl(parametersOf(client));
      for (const bad of ['&client_id=other', '&redirect_uri=http%3A%2F%2Fevil.example', '&x=%zz']) {
        const answered = await first(`${url}${bad}`);
        expect([bad, pageOf(answered), errorIn(answered)]).toEqual([bad, apps.error, 'invalid_request']);
      }
    });

    it('1.2.1 when an OpenID request brings a request object', async () => {
      const client = await running.authority.createClient();
      const byValue = await first(parametersOf(client, { request: 'e30.e30.' }));
      expect([pageOf(byValue), errorIn(byValue)]).toEqual([apps.error, 'request_not_supported']);
      const byReference = await first(parametersOf(client, { request_uri: 'https://client.example/request' }));
      expect([pageOf(byReference), errorIn(byReference)]).toEqual([apps.error, 'request_uri_not_supported']);
      expect((await first(parametersOf(client, { request: 'x', scope: 'photos' }))).pathname).toBe('/login');
    });
  });

  describe('is answered at the client from then on', () => {
    it.each([
      ['#47 a scope not allowed', { scope: 'openid nope' }, 'invalid_scope'],
      ['#47 a scope above the wildcard', { scope: 'foo' }, 'invalid_scope'],
      ['#47 an audience not allowed', { audience: 'https://other.example/' }, 'invalid_request'],
      [
        '#47 an audience on a longer host name',
        { audience: 'https://api.example.org.evil.example/' },
        'invalid_request',
      ],
      ['#47 a state of 7 characters', { state: '1234567' }, 'invalid_state'],
      ['1.2.1 registration', { registration: '{}' }, 'registration_not_supported'],
      ['3.1.1 a response type not registered', { response_type: 'token' }, 'unsupported_response_type'],
      ['3.1.1 a response type in the wrong case', { response_type: 'CODE' }, 'unsupported_response_type'],
      ['3.1.1 an empty response type', { response_type: '' }, 'unsupported_response_type'],
    ])('%s', async (_what, extra: Record<string, string>, error) => {
      const client = await running.authority.createClient();
      const url = await first(parametersOf(client, extra));
      expect(`${url.origin}${url.pathname}`).toBe(client.redirectUri);
      expect(errorIn(url)).toBe(error);
      expect(url.searchParams.get('state')).toBe(extra.state ?? 'some-state-value'); // D20
      expect(url.searchParams.get('error_description')).toBeTruthy();
      expect(url.searchParams.has('error_debug')).toBe(false);
      expect(url.searchParams.has('code')).toBe(false);
    });

    it('#47 no state: invalid_state, and none comes back (D20)', async () => {
      const client = await running.authority.createClient();
      const query = new URLSearchParams({ response_type: 'code', ...parametersOf(client) });
      const url = await first(`${running.publicUrl}/oauth2/auth?${query.toString()}`);
      expect(errorIn(url)).toBe('invalid_state');
      expect(url.searchParams.get('state') ?? '').toBe('');
    });

    it('3.1 a repeated parameter', async () => {
      const client = await running.authority.createClient();
      const url = await first(`${running.authority.authorizationUrl(parametersOf(client))}&scope=photos`);
      expect([`${url.origin}${url.pathname}`, errorIn(url)]).toEqual([client.redirectUri, 'invalid_request']);
    });

    it('D14 an error is encoded once and keeps the query of the redirect URI', async () => {
      const redirectUri = 'http://127.0.0.1:5555/callback?tenant=a%20b';
      const client = await running.authority.createClient({ redirect_uris: [redirectUri] });
      const url = await first({ ...parametersOf(client, { scope: 'no"pe' }), redirect_uri: redirectUri });
      expect(url.searchParams.get('tenant')).toBe('a b');
      expect(errorIn(url)).toBe('invalid_scope');
      expect(url.href).not.toContain('%25');
    });
  });

  it('#48 takes an audience below a registered one, and a scope under a wildcard', async () => {
    const client = await running.authority.createClient();
    const url = await first(parametersOf(client, { audience: 'https://api.example.org/sub', scope: 'foo.bar' }));
    const request = await running.authority.loginRequest(challengeIn(url, 'login_challenge'));
    expect(request.requested_access_token_audience).toEqual(['https://api.example.org/sub']);
    expect(request.requested_scope).toEqual(['foo.bar']);
  });

  it.each(['ä&=+ %#/?;"字', 'line\r\nSet-Cookie: x=y', ' 8 blanks '])(
    '4.1.2 the state comes back exactly as it was sent, with a code and with an error: %j',
    async (state) => {
      const client = await running.authority.createClient();
      const refused = await first(parametersOf(client, { state, scope: 'nope' }));
      expect(refused.searchParams.get('state')).toBe(state);
      const answered = await running.authority.authorize(new TestBrowser(), parametersOf(client, { state }));
      expect(answered.searchParams.get('state')).toBe(state);
      expect(answered.searchParams.has('code')).toBe(true);
    },
  );

  it('2.3 keeps what it does not know in the request URL, and takes the empty parameters of the command line', async () => {
    const client = await running.authority.createClient();
    const sent = running.authority.authorizationUrl(
      parametersOf(client, { prompt: '', audience: '', max_age: '0', claims: '{"a":1}' }),
    );
    const request = await running.authority.loginRequest(challengeIn(await first(sent), 'login_challenge'));
    expect(request.request_url).toBe(sent);
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data'])('#78 D3 works posted as %s', async (type) => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const fields = { response_type: 'code', state: 'posted-state', ...parametersOf(client) };
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
    const body = type === 'multipart/form-data' ? multipart : new URLSearchParams(fields);
    const login = await browser.followed(`${running.publicUrl}/oauth2/auth`, { method: 'POST', body });
    const next = await running.authority.acceptLogin(challengeIn(login, 'login_challenge'), { subject: 'alice' });
    const consent = challengeIn(await browser.followed(next), 'consent_challenge');
    const final = await browser.followed(await running.authority.acceptConsent(consent, { grant_scope: ['openid'] }));
    expect(final.searchParams.get('state')).toBe('posted-state');
    expect((await running.authority.exchange(client, codeIn(final))).status).toBe(200);
  });

  describe('is checked once more before a code is issued (1.2.2)', () => {
    it.each(['http://client.example/callback', 'http://127.0.0.1.evil.example/callback'])(
      'no code goes to %s',
      async (redirectUri) => {
        const client = await running.authority.createClient({ redirect_uris: [redirectUri] });
        const url = await running.authority.authorize(new TestBrowser(), {
          ...parametersOf(client),
          redirect_uri: redirectUri,
        });
        expect([errorIn(url), url.searchParams.has('code')]).toEqual(['invalid_request', false]);
      },
    );

    it.each(['com.example.app:/callback', 'https://client.example/callback', 'http://localhost:99/x'])(
      'a code goes to %s',
      async (redirectUri) => {
        const client = await running.authority.createClient({ redirect_uris: [redirectUri] });
        const url = await running.authority.authorize(new TestBrowser(), {
          ...parametersOf(client),
          redirect_uri: redirectUri,
        });
        expect(url.searchParams.has('code')).toBe(true);
      },
    );

    it('3.3 a nonce of 5 characters is refused', async () => {
      const client = await running.authority.createClient();
      const url = await running.authority.authorize(new TestBrowser(), parametersOf(client, { nonce: '12345' }));
      expect([errorIn(url), url.searchParams.has('code')]).toEqual(['insufficient_entropy', false]);
    });

    it('a client without the grant gets no code', async () => {
      const client = await running.authority.createClient({ grant_types: ['client_credentials'] });
      const url = await running.authority.authorize(new TestBrowser(), parametersOf(client));
      expect([errorIn(url), url.searchParams.has('code')]).toEqual(['unauthorized_client', false]);
    });
  });

  it('2.9 an unknown prompt is refused only after the login', async () => {
    const client = await running.authority.createClient();
    for (const prompt of ['select_account', 'LOGIN', 'none consent']) {
      const browser = new TestBrowser();
      if (prompt.includes('none'))
        await afterLogin(running.authority, browser, parametersOf(client), { remember: true });
      const url = await afterLogin(running.authority, browser, parametersOf(client, { prompt }));
      expect([prompt, errorIn(url)]).toEqual([prompt, 'invalid_request']);
    }
  });
});
