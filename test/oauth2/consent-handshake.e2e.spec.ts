import { describe, expect, it } from '@jest/globals';
import { TestBrowser, codeIn } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { type Client, errorIn, parametersOf, publicClient, reachConsent, rememberAlice } from './flow.js';

describe('the consent handshake', () => {
  const running = runningAuthority();
  const path = (challenge: string, action: string): string =>
    `/oauth2/auth/requests/consent/${challenge}${action === '' ? '' : `/${action}`}`;
  /** Whether the consent app is told to skip in a flow of alice. */
  const skips = async (browser: TestBrowser, parameters: Record<string, string>): Promise<boolean> =>
    (await running.authority.consentRequest(await reachConsent(running.authority, browser, parameters))).skip;
  const rememberScopes = (client: Client, scope: string): Promise<URL> =>
    rememberAlice(running.authority, new TestBrowser(), parametersOf(client, { scope }));

  it('#8 hands the rejection to the client', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await reachConsent(running.authority, browser, parametersOf(client));
    const body = { error: 'access_denied', error_description: 'The user said no', error_debug: 'secret' };
    const answer = await running.authority.admin('PUT', path(challenge, 'reject'), body);
    const url = await browser.followed(answer.json.redirect_to);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The user said no',
      iss: `${running.publicUrl}/`,
      state: 'some-state-value',
    });
  });

  it('1.13 until the verifier is redeemed the last decision counts', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await reachConsent(running.authority, browser, parametersOf(client));
    const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
    await running.authority.admin('PUT', path(challenge, 'reject'), { error: 'access_denied' });
    expect(errorIn(await browser.followed(next))).toBe('access_denied');
  });

  it('7 no box ticked: [null] for the scopes, null for the audience', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await reachConsent(running.authority, browser, parametersOf(client));
    const body = { grant_scope: [null], grant_access_token_audience: null, session: {} };
    const final = await browser.followed(await running.authority.acceptConsent(challenge, body));
    const tokens = (await running.authority.exchange(client, codeIn(final))).json;
    expect(tokens.scope).toBe('');
    expect(tokens).not.toHaveProperty('id_token');
  });

  it('D8 more may be granted than was asked for', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client, {
      scope: 'openid',
      consent: { grant_scope: ['openid', 'admin'], grant_access_token_audience: ['https://other.example/'] },
    });
    expect((await running.authority.introspect(tokens.access_token)).json).toMatchObject({
      scope: 'openid admin',
      aud: ['https://other.example/'],
    });
  });

  describe('a remembered consent', () => {
    it.each([
      ['#11 the same scopes', 'openid photos', 'openid photos', true],
      ['#12 fewer scopes', 'openid photos', 'photos', true],
      ['#13 more scopes', 'openid', 'openid photos', false],
      ['#15 scopes under a granted wildcard', 'foo.*', 'foo.bar', true],
      ['#17 no scope', 'openid', '', true],
      ['3.6 what only the wildcard itself would match', 'foo.*', 'foo', false],
    ])('%s', async (_what, granted, requested, skip) => {
      const client = await running.authority.createClient({ scope: 'openid photos foo foo.*' });
      await rememberScopes(client, granted);
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: requested }))).toBe(skip);
    });

    it('#14 two are not added up', async () => {
      const client = await running.authority.createClient();
      await rememberScopes(client, 'openid');
      await rememberScopes(client, 'photos');
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: 'openid photos' }))).toBe(false);
    });

    it('2.6 the newest one counts', async () => {
      const client = await running.authority.createClient();
      await rememberScopes(client, 'openid');
      await rememberScopes(client, 'photos');
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: 'photos' }))).toBe(true);
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: 'openid' }))).toBe(false);
    });

    it('#16 covers another audience', async () => {
      const client = await running.authority.createClient();
      await rememberScopes(client, 'openid');
      const parameters = parametersOf(client, { scope: 'openid', audience: 'https://api.example.org/' });
      expect(await skips(new TestBrowser(), parameters)).toBe(true);
    });

    it('2.6 counts what was granted, not what was requested', async () => {
      const client = await running.authority.createClient();
      await running.authority.authorize(new TestBrowser(), parametersOf(client, { scope: 'openid photos' }), {
        subject: 'alice',
        consent: { remember: true, grant_scope: ['openid'] },
      });
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: 'openid photos' }))).toBe(false);
      expect(await skips(new TestBrowser(), parametersOf(client, { scope: 'openid' }))).toBe(true);
    });

    it('2.6 is of one subject and one client', async () => {
      const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
      await rememberScopes(client, 'openid');
      const scope = { scope: 'openid' };
      expect(await skips(new TestBrowser(), parametersOf(other, scope))).toBe(false);
      const bobs = await reachConsent(running.authority, new TestBrowser(), parametersOf(client, scope), {
        subject: 'bob',
      });
      expect((await running.authority.consentRequest(bobs)).skip).toBe(false);
    });

    it('2.6 neither one not remembered nor a rejected one', async () => {
      const client = await running.authority.createClient();
      await running.authority.authorize(new TestBrowser(), parametersOf(client), { subject: 'alice' });
      expect(await skips(new TestBrowser(), parametersOf(client))).toBe(false);
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const answer = await running.authority.admin('PUT', path(challenge, 'reject'), { error: 'access_denied' });
      await browser.followed(answer.json.redirect_to);
      expect(await skips(new TestBrowser(), parametersOf(client))).toBe(false);
    });

    it('2.6 decides nothing by itself: a skipped consent grants what the app says', async () => {
      const client = await running.authority.createClient();
      await rememberScopes(client, 'openid photos');
      const tokens = await running.authority.obtainTokens(client, {
        scope: 'openid photos',
        subject: 'alice',
        consent: { grant_scope: ['photos'] },
      });
      expect(tokens.scope).toBe('photos');
    });

    it.each([
      ['http://127.0.0.1:5555/callback', false],
      ['https://client.example/callback', true],
      ['com.example.app:/callback', false],
    ])('#31 of a public client at %s: %s', async (redirectUri, skip) => {
      const client = await publicClient(running.authority, { redirect_uris: [redirectUri] });
      const parameters = { ...parametersOf(client), redirect_uri: redirectUri };
      await rememberAlice(running.authority, new TestBrowser(), parameters);
      expect(await skips(new TestBrowser(), parameters)).toBe(skip);
    });
  });

  describe('the verifier', () => {
    it('#2 unknown: access_denied', async () => {
      const client = await running.authority.createClient();
      const url = running.authority.authorizationUrl(parametersOf(client, { consent_verifier: 'f'.repeat(32) }));
      expect(errorIn(await new TestBrowser().followed(url))).toBe('access_denied');
    });

    it('#43 works once: then invalid_request, and the request is gone for the app', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
      expect((await running.authority.admin('GET', path(challenge, ''))).status).toBe(200);
      expect((await browser.followed(next)).searchParams.has('code')).toBe(true);
      const again = await browser.followed(next);
      expect([errorIn(again), again.searchParams.has('code')]).toEqual(['invalid_request', false]);
      expect((await running.authority.admin('GET', path(challenge, ''))).status).toBe(409);
    });

    it('#43 works for one of two browsers tabs that come at once', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
      const answers = await Promise.all([browser.followed(next), browser.followed(next), browser.followed(next)]);
      expect(answers.filter((url) => url.searchParams.has('code'))).toHaveLength(1);
    });

    it('2.8 in another browser: request_forbidden', async () => {
      const client = await running.authority.createClient();
      const challenge = await reachConsent(running.authority, new TestBrowser(), parametersOf(client));
      const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
      expect(errorIn(await new TestBrowser().followed(next))).toBe('request_forbidden');
    });

    it('2.8 in a browser with another flow of its own: request_forbidden', async () => {
      const client = await running.authority.createClient();
      const challenge = await reachConsent(running.authority, new TestBrowser(), parametersOf(client));
      const mallory = new TestBrowser();
      await reachConsent(running.authority, mallory, parametersOf(client), { subject: 'mallory' });
      const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
      expect(errorIn(await mallory.followed(next))).toBe('request_forbidden');
    });

    it('#79 D1 gives another client nothing', async () => {
      const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const next = new URL(await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] }));
      const stolen = running.authority.authorizationUrl(
        parametersOf(other, { consent_verifier: next.searchParams.get('consent_verifier') ?? '' }),
      );
      const url = await browser.followed(stolen);
      expect([errorIn(url), url.searchParams.has('code')]).toEqual(['access_denied', false]);
    });

    it('#79 D1 and none at another redirect URI', async () => {
      const uris = ['http://127.0.0.1:5555/callback', 'http://127.0.0.1:5555/other'];
      const client = await running.authority.createClient({ redirect_uris: uris });
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const next = new URL(await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] }));
      next.searchParams.set('redirect_uri', uris[1] ?? '');
      const url = await browser.followed(next.href);
      expect([errorIn(url), url.searchParams.has('code')]).toEqual(['access_denied', false]);
    });

    it('2.8 of a client that is gone: refused on the error page', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const challenge = await reachConsent(running.authority, browser, parametersOf(client));
      const next = await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] });
      await running.authority.admin('DELETE', `/clients/${client.id}`);
      const url = await browser.followed(next);
      expect([`${url.origin}${url.pathname}`, errorIn(url)]).toEqual([apps.error, 'invalid_client']);
    });
  });

  it('2.1 a challenge is no verifier', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const login_verifier = await running.authority.requestLogin(browser, parametersOf(client));
    const login = await browser.followed(running.authority.authorizationUrl(parametersOf(client, { login_verifier })));
    expect(errorIn(login)).toBe('access_denied');
    const consent_verifier = await reachConsent(running.authority, browser, parametersOf(client));
    await running.authority.acceptConsent(consent_verifier, { grant_scope: ['openid'] });
    const parameters = parametersOf(client, { consent_verifier });
    expect(errorIn(await browser.followed(running.authority.authorizationUrl(parameters)))).toBe('access_denied');
  });
});
