import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, afterLogin, errorIn, parametersOf } from './flow.js';

const sessionCookie = 'oauth2_authentication_session';

describe('login sessions and logout', () => {
  const running = runningAuthority();
  const isRemembered = async (browser: TestBrowser, client: Client): Promise<boolean> =>
    (await running.authority.loginRequest(await running.authority.requestLogin(browser, parametersOf(client)))).skip;
  const logOut = (browser: TestBrowser): Promise<Response> =>
    browser.visit(`${running.publicUrl}/oauth2/auth/sessions/login/revoke`);
  /** A browser in which somebody's login is remembered. */
  const loggedIn = async (client: Client, subject = 'alice'): Promise<TestBrowser> => {
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { subject, remember: true });
    return browser;
  };
  /** The session cookie as the second call sets it. */
  const cookieSet = async (browser: TestBrowser, client: Client, login: Record<string, unknown>): Promise<string[]> => {
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    const answer = await browser.visit(await running.authority.acceptLogin(challenge, { subject: 'alice', ...login }));
    return answer.headers.getSetCookie().filter((cookie) => cookie.startsWith(sessionCookie));
  };

  describe('the cookie (1.13, D16)', () => {
    it.each([
      ['remember_for 3600', 3600, /^[^;]+=[^;]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/],
      ['remember_for 0: until the browser closes', 0, /^[^;]+=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/],
      ['a negative remember_for: 30 days', -1, /^[^;]+=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/],
      ['more than 30 days', 5_184_000, /^[^;]+=[^;]+; Path=\/; Max-Age=5184000; HttpOnly; SameSite=Lax$/],
    ])('%s', async (_what, rememberFor, pattern) => {
      const client = await running.authority.createClient();
      const set = await cookieSet(new TestBrowser(), client, { remember: true, remember_for: rememberFor });
      expect(set).toEqual([expect.stringMatching(pattern)]);
    });

    it('2.5 without remember it expires, also where there was none', async () => {
      const client = await running.authority.createClient();
      const set = await cookieSet(new TestBrowser(), client, { remember_for: 3600 });
      expect(set).toHaveLength(1);
      expect(set[0]).toContain('Max-Age=0');
    });

    it('2.5 a skipped login sets none', async () => {
      const client = await running.authority.createClient();
      expect(await cookieSet(await loggedIn(client), client, {})).toEqual([]);
    });

    it('2.2 garbage, or one with a broken signature, is no session', async () => {
      const client = await running.authority.createClient();
      const browser = await loggedIn(client);
      const genuine = browser.cookie(sessionCookie) ?? '';
      for (const cookie of ['garbage', '', `${genuine.slice(0, -4)}AAAA`, `A${genuine}`]) {
        browser.setCookie(sessionCookie, cookie);
        expect([cookie, await isRemembered(browser, client)]).toEqual([cookie, false]);
      }
      browser.setCookie(sessionCookie, genuine);
      expect(await isRemembered(browser, client)).toBe(true);
    });

    it('1.13 a signed cookie of another name is no session', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      await running.authority.requestLogin(browser, parametersOf(client));
      browser.setCookie(sessionCookie, browser.cookie('oauth2_authentication_csrf') ?? '');
      expect(await isRemembered(browser, client)).toBe(false);
    });
  });

  it('#39 #40 revoked by an administrator: asked again in every browser of that subject', async () => {
    const client = await running.authority.createClient();
    const [one, two] = [await loggedIn(client, 'carol'), await loggedIn(client, 'carol')];
    const other = await loggedIn(client, 'dave');
    expect((await running.authority.admin('DELETE', '/oauth2/auth/sessions/login/carol')).status).toBe(204);
    expect(await isRemembered(one, client)).toBe(false);
    expect(await isRemembered(two, client)).toBe(false);
    expect(await isRemembered(other, client)).toBe(true);
    await afterLogin(running.authority, one, parametersOf(client), { subject: 'carol', remember: true });
    expect(await isRemembered(one, client)).toBe(true);
  });

  it('3.10 a revoked session takes the login requests started under it along, not the tokens', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const tokens = await running.authority.obtainTokens(client, {
      browser,
      subject: 'erin',
      login: { remember: true },
    });
    const pending = await running.authority.requestLogin(browser, parametersOf(client));
    const next = await running.authority.acceptLogin(pending, { subject: 'erin' });
    await running.authority.admin('DELETE', '/oauth2/auth/sessions/login/erin');
    expect((await running.authority.admin('GET', `/oauth2/auth/requests/login/${pending}`)).status).toBe(404);
    expect(errorIn(await browser.followed(next))).toBe('access_denied');
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
    expect((await running.authority.refresh(client, tokens.refresh_token ?? '')).status).toBe(200);
  });

  it('#25 somebody else logging in without remember ends the session, also for a copied cookie', async () => {
    const client = await running.authority.createClient();
    const browser = await loggedIn(client);
    const copied = browser.cookie(sessionCookie) ?? '';
    await afterLogin(running.authority, browser, parametersOf(client, { prompt: 'login' }), { subject: 'bob' });
    browser.setCookie(sessionCookie, copied);
    expect(await isRemembered(browser, client)).toBe(false);
  });

  describe('logout (1.8)', () => {
    it('#41 ends the session on the server: an old cookie is worth nothing', async () => {
      const client = await running.authority.createClient();
      const browser = await loggedIn(client);
      const old = browser.cookie(sessionCookie) ?? '';
      const answer = await logOut(browser);
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toBe(`${running.publicUrl}/oauth2/fallbacks/logout`); // D15
      expect(browser.cookie(sessionCookie)).toBeUndefined();
      expect(await isRemembered(browser, client)).toBe(false);
      browser.setCookie(sessionCookie, old);
      expect(await isRemembered(browser, client)).toBe(false);
    });

    it('leaves tokens, remembered consents and other browsers alone', async () => {
      const client = await running.authority.createClient();
      const [browser, other] = [new TestBrowser(), await loggedIn(client)];
      const tokens = await running.authority.obtainTokens(client, {
        browser,
        subject: 'alice',
        login: { remember: true },
        consent: { remember: true },
      });
      await logOut(browser);
      expect(await running.authority.isActive(tokens.access_token)).toBe(true);
      expect(await isRemembered(other, client)).toBe(true);
      const url = await afterLogin(running.authority, browser, parametersOf(client));
      const consent = challengeIn(url, 'consent_challenge');
      const { json } = await running.authority.admin('GET', `/oauth2/auth/requests/consent/${consent}`);
      expect(json.skip).toBe(true);
    });

    it('without a session does no harm, twice neither', async () => {
      const browser = new TestBrowser();
      expect([(await logOut(browser)).status, (await logOut(browser)).status]).toEqual([302, 302]);
    });

    it('D15 the page it ends at is there', async () => {
      const answer = await fetch(`${running.publicUrl}/oauth2/fallbacks/logout`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    });
  });
});

describe('logout, with an address configured', () => {
  const running = runningAuthority({ URLS_POST_LOGOUT_REDIRECT: 'https://app.example.org/bye' });

  it('1.8 ends there', async () => {
    const url = `${running.publicUrl}/oauth2/auth/sessions/login/revoke`;
    expect((await new TestBrowser().followed(url)).href).toBe('https://app.example.org/bye');
  });
});
