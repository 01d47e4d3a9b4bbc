import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { afterLogin, errorIn, parametersOf, reachConsent, sinceMoment } from './flow.js';

const shortMs = 3000;
/** Past every lifespan of the short-lived authority. */
const pastIt = shortMs + 200;

describe('lifespans of login and consent requests (oauth2-flows.md 3.2)', () => {
  const running = runningAuthority({ TTL_LOGIN_CONSENT_REQUEST: `${shortMs}ms` });

  it('#44 a login answered too late: accepted, then request_unauthorized', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    await sinceMoment(Date.now(), pastIt);
    const next = await running.authority.acceptLogin(challenge, { subject: 'alice' });
    expect(errorIn(await browser.followed(next))).toBe('request_unauthorized');
  });

  it('#45 a login in time, a consent too late: request_unauthorized, also for a rejection', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const [one, two] = [
      await reachConsent(running.authority, browser, parametersOf(client)),
      await reachConsent(running.authority, browser, parametersOf(client)),
    ];
    await sinceMoment(Date.now(), pastIt);
    const accepted = await running.authority.acceptConsent(one, { grant_scope: ['openid'] });
    expect(errorIn(await browser.followed(accepted))).toBe('request_unauthorized');
    const { json } = await running.authority.admin('PUT', `/oauth2/auth/requests/consent/${two}/reject`, {
      error: 'no',
    });
    expect(errorIn(await browser.followed(json.redirect_to))).toBe('request_unauthorized');
  });

  it('2.5 a rejected login is told as it is, however late', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    await sinceMoment(Date.now(), pastIt);
    const path = `/oauth2/auth/requests/login/${challenge}/reject`;
    const { json } = await running.authority.admin('PUT', path, { error: 'no_such_user' });
    expect(errorIn(await browser.followed(json.redirect_to))).toBe('no_such_user');
  });
});

describe('lifespans of codes and tokens (oauth2-flows.md 3.2)', () => {
  const running = runningAuthority({
    TTL_ACCESS_TOKEN: `${shortMs}ms`,
    TTL_REFRESH_TOKEN: `${shortMs}ms`,
    TTL_ID_TOKEN: `${shortMs}ms`,
    TTL_AUTH_CODE: `${shortMs}ms`,
  });

  it('#57 D13 what has expired: code, access token, refresh token', async () => {
    const client = await running.authority.createClient();
    const code = codeIn(await running.authority.authorize(new TestBrowser(), parametersOf(client)));
    const tokens = await running.authority.obtainTokens(client);
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
    await sinceMoment(Date.now(), pastIt);
    const late = await running.authority.exchange(client, code);
    expect([late.status, late.json.error]).toEqual([400, 'invalid_grant']);
    expect(await running.authority.isActive(tokens.access_token)).toBe(false);
    expect(await running.authority.isActive(tokens.refresh_token ?? '')).toBe(false);
    const refreshed = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect([refreshed.status, refreshed.json.error]).toEqual([400, 'invalid_grant']);
  });

  it('1.5 userinfo says that the token has expired', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    await sinceMoment(Date.now(), pastIt);
    const answer = await fetch(`${running.publicUrl}/userinfo?access_token=${tokens.access_token}`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: 'token_expired', status_code: 401 });
  });

  it('#34 an expired hint is fine', async () => {
    const client = await running.authority.createClient();
    const { id_token: hint = '' } = await running.authority.obtainTokens(client, { subject: 'alice' });
    await sinceMoment(Date.now(), pastIt);
    const parameters = parametersOf(client, { id_token_hint: hint });
    expect((await afterLogin(running.authority, new TestBrowser(), parameters)).pathname).toBe('/consent');
    const bobs = await afterLogin(running.authority, new TestBrowser(), parameters, { subject: 'bob' });
    expect(errorIn(bobs)).toBe('login_required');
  });

  it('#18 a consent remembered for a second is forgotten after it, in flows and in the list', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const decisions = { subject: 'nora', login: { remember: true }, consent: { remember: true, remember_for: 1 } };
    await running.authority.authorize(browser, parametersOf(client), decisions);
    await sinceMoment(Date.now(), 1100);
    const challenge = await reachConsent(running.authority, browser, parametersOf(client), { subject: 'nora' });
    expect((await running.authority.consentRequest(challenge)).skip).toBe(false);
    expect((await running.authority.admin('GET', '/oauth2/auth/sessions/consent/nora')).json).toEqual([]);
  });

  it('2.6 a skipped consent is not remembered itself, whatever the app says', async () => {
    const client = await running.authority.createClient();
    const authorize = (rememberFor: number): Promise<URL> =>
      running.authority.authorize(new TestBrowser(), parametersOf(client), {
        subject: 'olga',
        consent: { remember: true, remember_for: rememberFor },
      });
    const moment = Date.now();
    await authorize(2);
    await authorize(0);
    await sinceMoment(moment, 2300);
    const challenge = await reachConsent(running.authority, new TestBrowser(), parametersOf(client), {
      subject: 'olga',
    });
    expect((await running.authority.consentRequest(challenge)).skip).toBe(false);
  });

  it('1.13 a login remembered for a second is forgotten after it', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { remember: true, remember_for: 1 });
    await sinceMoment(Date.now(), 1100);
    const url = await browser.followed(running.authority.authorizationUrl(parametersOf(client)));
    expect((await running.authority.loginRequest(challengeIn(url, 'login_challenge'))).skip).toBe(false);
  });

  it('#66 a flush removes expired access tokens, never refresh tokens', async () => {
    const client = await running.authority.createClient();
    const old = await running.authority.obtainTokens(client);
    await sinceMoment(Date.now(), shortMs / 2);
    const { json: next } = await running.authority.refresh(client, old.refresh_token ?? '');
    await sinceMoment(Date.now(), shortMs / 2 + 200);
    expect((await running.authority.admin('POST', '/oauth2/flush', {})).status).toBe(204);
    expect(await running.authority.isActive(next.access_token)).toBe(true);
    expect((await running.authority.refresh(client, next.refresh_token)).status).toBe(200);
  });
});

describe('refresh tokens that never expire (TTL_REFRESH_TOKEN=-1)', () => {
  const running = runningAuthority({ TTL_REFRESH_TOKEN: '-1', TTL_ACCESS_TOKEN: '1s' });

  it('3.2 work when the access token and a flush are long past', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    await sinceMoment(Date.now(), 1200);
    await running.authority.admin('POST', '/oauth2/flush', {});
    const { json } = await running.authority.introspect(tokens.refresh_token ?? '');
    expect(json.active).toBe(true);
    expect(json).not.toHaveProperty('exp');
    expect((await running.authority.refresh(client, tokens.refresh_token ?? '')).status).toBe(200);
  });
});
