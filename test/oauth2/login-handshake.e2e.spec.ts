import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { afterLogin, errorIn, parametersOf, reachConsent } from './flow.js';

describe('the login handshake', () => {
  const running = runningAuthority();
  const reject = async (challenge: string, body: unknown): Promise<string> =>
    (await running.authority.admin('PUT', `/oauth2/auth/requests/login/${challenge}/reject`, body)).json.redirect_to;

  it('#3 shows the login app what was asked for', async () => {
    const client = await running.authority.createClient();
    const parameters = parametersOf(client, { display: 'page', ui_locales: 'de en', login_hint: 'al' });
    const url = await new TestBrowser().followed(running.authority.authorizationUrl(parameters));
    expect(`${url.origin}${url.pathname}`).toBe(apps.login);
    const challenge = challengeIn(url, 'login_challenge');
    expect(challenge).toMatch(/^[\w-]{150,400}$/);
    const request = await running.authority.loginRequest(challenge);
    expect(request).toMatchObject({
      challenge,
      skip: false,
      subject: '',
      session_id: '',
      requested_scope: ['openid', 'offline'],
      requested_access_token_audience: [],
      oidc_context: { display: 'page', ui_locales: ['de', 'en'], login_hint: 'al' },
      request_url: running.authority.authorizationUrl(parameters),
      client: { client_id: client.id },
    });
    expect(request.oidc_context).not.toHaveProperty('acr_values');
    expect(request.client).not.toHaveProperty('client_secret');
  });

  it('#7 passes subject, acr and context on to the consent app', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const loginChallenge = await running.authority.requestLogin(browser, parametersOf(client, { acr_values: '1 2' }));
    const next = await running.authority.acceptLogin(loginChallenge, { subject: 'alice', acr: '1', remember: true });
    const challenge = challengeIn(await browser.followed(next), 'consent_challenge');
    expect(await running.authority.consentRequest(challenge)).toMatchObject({
      subject: 'alice',
      skip: false,
      login_challenge: loginChallenge,
      login_session_id: '',
      acr: '1',
      oidc_context: { acr_values: ['1', '2'] },
    });
  });

  it("#4 hands the login app's rejection to the client, debug text withheld", async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const rejection = {
      error: 'no_such_user',
      error_description: 'Nobody & none',
      error_hint: 'Ask',
      error_debug: 'x',
    };
    const url = await browser.followed(await reject(challenge, { ...rejection, status_code: 403 }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      error: 'no_such_user',
      error_description: 'Nobody & none',
      error_hint: 'Ask',
      iss: `${running.publicUrl}/`,
      state: 'some-state-value',
    });
  });

  it('#5 a rejection that says nothing', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const url = await browser.followed(await reject(challenge, {}));
    expect(errorIn(url)).toBe('consent request denied');
    expect(url.searchParams.get('error_description')).toBe('');
  });

  it('#4 a rejection cannot break out of the redirect', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const error = 'x&code=stolen\r\nSet-Cookie: a=b#';
    const answer = await browser.visit(await reject(challenge, { error }));
    const url = new URL(answer.headers.get('location') ?? '');
    expect([errorIn(url), url.searchParams.has('code'), url.hash]).toEqual([error, false, '']);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('#10 skips for a remembered login, and leaves the cookie alone', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { remember: true });
    const cookie = browser.cookie('oauth2_authentication_session');
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const request = await running.authority.loginRequest(challenge);
    expect(request).toMatchObject({ skip: true, subject: 'alice' });
    expect(request.session_id).toMatch(/^[0-9a-f-]{36}$/);
    const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
    const consent = challengeIn(await browser.followed(next), 'consent_challenge');
    expect((await running.authority.consentRequest(consent)).login_session_id).toBe(request.session_id);
    expect(browser.cookie('oauth2_authentication_session')).toBe(cookie);
  });

  it("#28 a skipped login cannot become somebody else's", async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { remember: true });
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const path = `/oauth2/auth/requests/login/${challenge}/accept`;
    expect((await running.authority.admin('PUT', path, { subject: 'mallory' })).status).toBe(400);
    const url = await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
    expect(`${url.origin}${url.pathname}`).toBe(apps.consent);
  });

  it('#29 a skipped login is not remembered anew', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { remember: true });
    const cookie = browser.cookie('oauth2_authentication_session');
    await afterLogin(running.authority, browser, parametersOf(client), { remember: true, remember_for: 60 });
    expect(browser.cookie('oauth2_authentication_session')).toBe(cookie);
  });

  it('D6 refuses an empty subject and stores nothing', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const path = `/oauth2/auth/requests/login/${challenge}/accept`;
    for (const body of [{ subject: '' }, {}]) {
      const answer = await running.authority.admin('PUT', path, body);
      expect(answer.status).toBe(400);
      expect(answer.json.redirect_to).toBeUndefined();
    }
    const url = await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
    expect(`${url.origin}${url.pathname}`).toBe(apps.consent);
  });

  it('D7 a login is decided once', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    await running.authority.acceptLogin(challenge, { subject: 'alice' });
    const base = `/oauth2/auth/requests/login/${challenge}`;
    expect((await running.authority.admin('PUT', `${base}/accept`, { subject: 'bob' })).status).toBe(409);
    expect((await running.authority.admin('PUT', `${base}/reject`, { error: 'x' })).status).toBe(409);
    expect((await running.authority.admin('GET', base)).status).toBe(200);
  });

  describe('the verifier', () => {
    it('#1 unknown: access_denied', async () => {
      const client = await running.authority.createClient();
      const url = running.authority.authorizationUrl(parametersOf(client, { login_verifier: 'f'.repeat(32) }));
      const answered = await new TestBrowser().followed(url);
      expect(`${answered.origin}${answered.pathname}`).toBe(client.redirectUri);
      expect([errorIn(answered), answered.searchParams.get('state')]).toEqual(['access_denied', 'some-state-value']);
    });

    it('#42 works once: then invalid_request, and the request is gone for the app', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(client));
      const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
      expect((await browser.followed(next)).pathname).toBe('/consent');
      expect(errorIn(await browser.followed(next))).toBe('invalid_request');
      expect((await running.authority.admin('GET', `/oauth2/auth/requests/login/${challenge}`)).status).toBe(409);
    });

    it('2.5 is spent even when the browser is the wrong one (#6)', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(client));
      const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
      expect(errorIn(await new TestBrowser().followed(next))).toBe('request_forbidden');
      expect(errorIn(await browser.followed(next))).toBe('invalid_request');
    });

    it('2.5 with a forged cookie: request_forbidden', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(client));
      const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
      const cookie = browser.cookie('oauth2_authentication_csrf') ?? '';
      browser.setCookie('oauth2_authentication_csrf', `${cookie.slice(0, -2)}xx`);
      expect(errorIn(await browser.followed(next))).toBe('request_forbidden');
    });

    it('2.4 is the only member added to the request URL, keys sorted', async () => {
      const client = await running.authority.createClient();
      const challenge = await running.authority.requestLogin(new TestBrowser(), parametersOf(client));
      const next = new URL(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
      const names = [...next.searchParams.keys()];
      expect(names).toEqual(['client_id', 'login_verifier', 'redirect_uri', 'response_type', 'scope', 'state']);
      expect(next.searchParams.get('login_verifier')).toMatch(/^[0-9a-f]{32}$/);
    });

    it('2.1 goes before a consent verifier in the same URL', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(client));
      const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
      expect((await browser.followed(`${next}&consent_verifier=${'f'.repeat(32)}`)).pathname).toBe('/consent');
    });

    it('D1 belongs to its client and redirect URI', async () => {
      const [mine, other] = [await running.authority.createClient(), await running.authority.createClient()];
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(mine));
      const next = new URL(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
      next.searchParams.set('client_id', other.id);
      expect(errorIn(await browser.followed(next.href))).toBe('access_denied');
    });

    it('D1 carries the stored request, whatever the query says', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await running.authority.requestLogin(browser, parametersOf(client, { scope: 'openid' }));
      const next = new URL(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
      next.searchParams.set('scope', 'openid photos');
      next.searchParams.set('state', 'another-state');
      const consent = challengeIn(await browser.followed(next.href), 'consent_challenge');
      expect((await running.authority.consentRequest(consent)).requested_scope).toEqual(['openid']);
      const final = await browser.followed(await running.authority.acceptConsent(consent, { grant_scope: [] }));
      expect(final.searchParams.get('state')).toBe('some-state-value');
    });
  });

  it('#80 D2 two tabs of one browser do not disturb each other', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const one = await running.authority.requestLogin(browser, parametersOf(client));
    const two = await running.authority.requestLogin(browser, parametersOf(client));
    for (const login of [one, two]) {
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      const consent = challengeIn(await browser.followed(next), 'consent_challenge');
      const final = await browser.followed(await running.authority.acceptConsent(consent, { grant_scope: ['openid'] }));
      expect(codeIn(final)).toBeTruthy();
    }
  });

  it('#80 two tabs both waiting for consent', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const one = await reachConsent(running.authority, browser, parametersOf(client));
    const two = await reachConsent(running.authority, browser, parametersOf(client));
    for (const consent of [one, two]) {
      expect(codeIn(await browser.followed(await running.authority.acceptConsent(consent, {})))).toBeTruthy();
    }
  });
});
