import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import {
  type Client,
  afterLogin,
  errorIn,
  parametersOf,
  publicClient,
  reachConsent,
  rememberAlice,
  sinceMoment,
} from './flow.js';

const httpsRedirect = 'https://client.example/callback';

describe('prompt, max_age and id_token_hint (OpenID Connect Core 1.0 3.1.2.1)', () => {
  const running = runningAuthority();

  /** A confidential client and a browser where alice has logged in and consented, both remembered. */
  async function remembered(): Promise<{ client: Client; browser: TestBrowser }> {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await rememberAlice(running.authority, browser, parametersOf(client));
    return { client, browser };
  }
  const firstCall = (browser: TestBrowser, client: Client, extra: Record<string, string>): Promise<URL> =>
    browser.followed(running.authority.authorizationUrl(parametersOf(client, extra)));
  const skipOf = async (url: URL): Promise<boolean> =>
    (await running.authority.loginRequest(challengeIn(url, 'login_challenge'))).skip;
  const aliceHint = async (client: Client): Promise<string> =>
    (await running.authority.obtainTokens(client, { subject: 'alice' })).id_token ?? '';

  describe('prompt=none', () => {
    it('#19 with a remembered login and consent: both apps are visited, then a code', async () => {
      const { client, browser } = await remembered();
      const login = await running.authority.requestLogin(browser, parametersOf(client, { prompt: 'none' }));
      expect((await running.authority.loginRequest(login)).skip).toBe(true);
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      const consent = challengeIn(await browser.followed(next), 'consent_challenge');
      expect((await running.authority.consentRequest(consent)).skip).toBe(true);
      const final = await browser.followed(await running.authority.acceptConsent(consent, { grant_scope: ['openid'] }));
      expect(final.searchParams.has('code')).toBe(true);
    });

    it.each(['none', 'none login'])('#20 without a login: login_required at once (%s)', async (prompt) => {
      const client = await running.authority.createClient();
      const url = await firstCall(new TestBrowser(), client, { prompt });
      expect(`${url.origin}${url.pathname}`).toBe(client.redirectUri);
      expect(errorIn(url)).toBe('login_required');
    });

    it('#13 without a remembered consent: consent_required', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      await running.authority.authorize(browser, parametersOf(client), {
        subject: 'alice',
        login: { remember: true },
      });
      const url = await afterLogin(running.authority, browser, parametersOf(client, { prompt: 'none' }));
      expect(errorIn(url)).toBe('consent_required');
    });

    it('#30 a public client with a custom scheme: consent_required after the login', async () => {
      const redirectUri = 'com.example.app:/callback';
      const client = await publicClient(running.authority, { redirect_uris: [redirectUri] });
      const parameters = { ...parametersOf(client), redirect_uri: redirectUri };
      const browser = new TestBrowser();
      await rememberAlice(running.authority, browser, parameters);
      const url = await afterLogin(running.authority, browser, { ...parameters, prompt: 'none' });
      expect(errorIn(url)).toBe('consent_required');
    });

    it('D12 a public client at an https address with a remembered consent: allowed', async () => {
      const client = await publicClient(running.authority, { redirect_uris: [httpsRedirect] });
      const parameters = { ...parametersOf(client), redirect_uri: httpsRedirect };
      const browser = new TestBrowser();
      await rememberAlice(running.authority, browser, parameters);
      const url = await afterLogin(running.authority, browser, { ...parameters, prompt: 'none' });
      expect(url.pathname).toBe('/consent');
    });
  });

  describe('prompt=login', () => {
    it('#25 asks again; accepted without remember, nothing stays remembered', async () => {
      const { client, browser } = await remembered();
      const url = await firstCall(browser, client, { prompt: 'login' });
      expect(await skipOf(url)).toBe(false);
      const next = await running.authority.acceptLogin(challengeIn(url, 'login_challenge'), { subject: 'alice' });
      expect((await browser.followed(next)).pathname).toBe('/consent');
      expect(await skipOf(await firstCall(browser, client, {}))).toBe(false);
    });

    it('#26 lets somebody else log in, whose session it is then', async () => {
      const { client, browser } = await remembered();
      const parameters = parametersOf(client, { prompt: 'login' });
      expect(
        (await afterLogin(running.authority, browser, parameters, { subject: 'bob', remember: true })).pathname,
      ).toBe('/consent');
      const url = await firstCall(browser, client, {});
      const request = await running.authority.loginRequest(challengeIn(url, 'login_challenge'));
      expect(request).toMatchObject({ skip: true, subject: 'bob' });
    });

    it('#27 together with consent asks for both', async () => {
      const { client, browser } = await remembered();
      const parameters = parametersOf(client, { prompt: 'login consent' });
      const login = await running.authority.requestLogin(browser, parameters);
      expect((await running.authority.loginRequest(login)).skip).toBe(false);
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      const consent = challengeIn(await browser.followed(next), 'consent_challenge');
      expect((await running.authority.consentRequest(consent)).skip).toBe(false);
    });
  });

  it('2.6 prompt=consent asks again though a consent is remembered', async () => {
    const { client, browser } = await remembered();
    const consent = await reachConsent(running.authority, browser, parametersOf(client, { prompt: 'consent' }));
    expect((await running.authority.consentRequest(consent)).skip).toBe(false);
  });

  describe('max_age', () => {
    it('#21 #22 a session older than allowed: asked again, and refused with prompt=none', async () => {
      const { client, browser } = await remembered();
      await sinceMoment(Date.now(), 1100);
      const refused = await firstCall(browser, client, { max_age: '1', prompt: 'none' });
      expect(errorIn(refused)).toBe('login_required');
      const login = await running.authority.requestLogin(browser, parametersOf(client, { max_age: '1' }));
      expect((await running.authority.loginRequest(login)).skip).toBe(false);
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      const consent = challengeIn(await browser.followed(next), 'consent_challenge');
      expect((await running.authority.consentRequest(consent)).skip).toBe(true);
    });

    it('#23 a slow user is no old login', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const login = await running.authority.requestLogin(browser, parametersOf(client, { max_age: '1' }));
      await sinceMoment(Date.now(), 1500);
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      await sinceMoment(Date.now(), 1100);
      const consent = challengeIn(await browser.followed(next), 'consent_challenge');
      const final = await browser.followed(await running.authority.acceptConsent(consent, { grant_scope: ['openid'] }));
      expect(final.searchParams.has('code')).toBe(true);
    });

    it('#24 0 is no limit', async () => {
      const { client, browser } = await remembered();
      expect(await skipOf(await firstCall(browser, client, { max_age: '0' }))).toBe(true);
    });

    it('2.2 that is no number is refused when there is a session to compare with', async () => {
      const { client, browser } = await remembered();
      const url = await firstCall(browser, client, { max_age: 'soon' });
      expect([`${url.origin}${url.pathname}`, errorIn(url)]).toEqual([client.redirectUri, 'invalid_request']);
      expect((await firstCall(new TestBrowser(), client, { max_age: 'soon' })).pathname).toBe('/login');
    });
  });

  describe('id_token_hint', () => {
    it('#33 of the one who logs in: shown to the login app, and fine', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const parameters = parametersOf(client, { id_token_hint: await aliceHint(client) });
      const login = await running.authority.requestLogin(browser, parameters);
      const request = await running.authority.loginRequest(login);
      expect(request.oidc_context.id_token_hint_claims).toMatchObject({ sub: 'alice', aud: [client.id] });
      const next = await running.authority.acceptLogin(login, { subject: 'alice' });
      expect((await browser.followed(next)).pathname).toBe('/consent');
    });

    it('#32 of somebody else: login_required', async () => {
      const client = await running.authority.createClient();
      const parameters = parametersOf(client, { id_token_hint: await aliceHint(client) });
      const url = await afterLogin(running.authority, new TestBrowser(), parameters, { subject: 'bob' });
      expect(errorIn(url)).toBe('login_required');
    });

    it('#32 D5 and the session of the browser stays', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      await afterLogin(running.authority, browser, parametersOf(client), { subject: 'bob', remember: true });
      const hint = await aliceHint(client);
      const url = await firstCall(browser, client, { id_token_hint: hint });
      const login = challengeIn(url, 'login_challenge');
      const next = await running.authority.acceptLogin(login, { subject: 'bob', remember: true });
      expect(errorIn(await browser.followed(next))).toBe('login_required');
      expect(await skipOf(await firstCall(browser, client, {}))).toBe(true);
    });

    it("D4 of somebody else than the session's: asked again, refused with prompt=none", async () => {
      const client = await running.authority.createClient();
      const hint = await aliceHint(client);
      const browser = new TestBrowser();
      await afterLogin(running.authority, browser, parametersOf(client), { subject: 'bob', remember: true });
      expect(await skipOf(await firstCall(browser, client, { id_token_hint: hint }))).toBe(false);
      expect(errorIn(await firstCall(browser, client, { id_token_hint: hint, prompt: 'none' }))).toBe('login_required');
      const { browser: hers } = await remembered();
      expect(await skipOf(await firstCall(hers, client, { id_token_hint: hint }))).toBe(true);
    });

    it.each(['garbage', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.'])(
      '#35 that proves nothing: the login app is reached, then invalid_request (%s)',
      async (hint) => {
        const client = await running.authority.createClient();
        const url = await afterLogin(
          running.authority,
          new TestBrowser(),
          parametersOf(client, { id_token_hint: hint }),
        );
        expect(errorIn(url)).toBe('invalid_request');
      },
    );

    it('2.2 that proves nothing, with a session: refused at once', async () => {
      const { client, browser } = await remembered();
      expect(errorIn(await firstCall(browser, client, { id_token_hint: 'garbage' }))).toBe('invalid_request');
    });

    it('with a broken signature is not shown to the login app', async () => {
      const client = await running.authority.createClient();
      const [header, payload, signature] = (await aliceHint(client)).split('.');
      const forged = [header, payload, `${signature?.startsWith('A') ? 'B' : 'A'}${signature?.slice(1)}`].join('.');
      const login = await running.authority.requestLogin(
        new TestBrowser(),
        parametersOf(client, { id_token_hint: forged }),
      );
      expect((await running.authority.loginRequest(login)).oidc_context).not.toHaveProperty('id_token_hint_claims');
    });
  });
});
