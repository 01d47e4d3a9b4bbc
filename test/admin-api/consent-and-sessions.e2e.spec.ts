import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { decodeJwt } from 'jose';
import * as flow from '../oauth2/flow.js';
import { expectError, expectMalformed, expectNotFound, expectNothing } from './expectations.js';

const pathOf = (challenge: string): string => `/oauth2/auth/requests/consent/${challenge}`;
const listOf = (user: string): string => `/oauth2/auth/sessions/consent/${user}`;

describe('consent requests and sessions (admin-api.md 5.4)', () => {
  const running = runningAuthority();
  const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.authority.admin(method, path, body);
  const reach = async (user: string, browser = new TestBrowser(), registration: object = {}) => {
    const client = await running.authority.createClient({ ...registration });
    const parameters = flow.parametersOf(client, { scope: 'openid offline photos' });
    const challenge = await flow.reachConsent(running.authority, browser, parameters, { subject: user });
    return { client, parameters, challenge, browser };
  };
  const listed = async (user: string, query = ''): Promise<string[]> =>
    (await api('GET', `${listOf(user)}${query}`)).json.map((entry: Answer['json']) => entry.consent_request.challenge);
  /** Login and consent of a user, both remembered. */
  const remembered = async (
    user: string,
    consent: object = {},
    registration: object = {},
    extra: Record<string, string> = {},
  ) => {
    const client = await running.authority.createClient({ ...registration });
    const browser = new TestBrowser();
    const parameters = flow.parametersOf(client, extra);
    const decisions = { subject: user, login: { remember: true }, consent: { remember: true, ...consent } };
    await running.authority.authorize(browser, parameters, decisions);
    const next = async (extra: Record<string, string> = {}): Promise<Answer['json']> =>
      running.authority.consentRequest(
        await flow.reachConsent(running.authority, browser, { ...parameters, ...extra }, { subject: user }),
      );
    return { client, browser, parameters, next };
  };

  it('S1 shown', async () => {
    const browser = new TestBrowser();
    const client = await running.authority.createClient();
    const parameters = flow.parametersOf(client);
    const login = await running.authority.requestLogin(browser, parameters);
    const url = await running.authority.acceptLogin(login, { subject: 's1', remember: true });
    const challenge = challengeIn(await browser.followed(url), 'consent_challenge');
    const { status, json } = await api('GET', pathOf(challenge));
    expect([status, Object.keys(json)]).toEqual([
      200,
      [
        ...['challenge', 'requested_scope', 'requested_access_token_audience', 'skip', 'subject', 'oidc_context'],
        ...['client', 'request_url', 'login_challenge', 'login_session_id', 'acr'],
      ],
    ]);
    expect(json).toMatchObject({ challenge, subject: 's1', login_challenge: login, login_session_id: '', skip: false });
    expect(json.client).not.toHaveProperty('client_secret');
    expectNotFound(await api('GET', pathOf('unknown')));
    expectNotFound(await api('PUT', `${pathOf('unknown')}/accept`, {}));
    expectNotFound(await api('PUT', `${pathOf('unknown')}/reject`, {}));
  });

  it('S2 S3 S4 S8 what is granted is what was accepted', async () => {
    const { client, challenge, browser } = await reach('s2');
    const session = { access_token: { foo: 'bar' }, id_token: { baz: 'x' } };
    const body = { grant_scope: ['openid', 'never-asked'], session };
    const accepted = await api('PUT', `${pathOf(challenge)}/accept`, body);
    expect(accepted.json.redirect_to).toMatch(/consent_verifier=[\da-f]{32}/);
    expect(accepted.json.redirect_to).not.toContain('login_verifier');
    const { json: tokens } = await running.authority.exchange(
      client,
      codeIn(await browser.followed(accepted.json.redirect_to)),
    );
    expect((await running.authority.introspect(tokens.access_token)).json).toMatchObject({
      ...{ scope: 'openid never-asked', ext: { foo: 'bar' } },
    });
    expect(decodeJwt(tokens.id_token)['baz']).toBe('x');
    expectError(await api('GET', pathOf(challenge)), 409, 'Conflict');
    const before = (await api('GET', listOf('s2'))).text;
    for (const [decision, other] of [
      ['accept', { grant_scope: ['other'] }],
      ['reject', { error: 'access_denied' }],
    ] as const) {
      const again = await api('PUT', `${pathOf(challenge)}/${decision}`, other);
      expect([again.status, again.json]).toEqual([200, accepted.json]);
    }
    expect((await api('GET', listOf('s2'))).text).toBe(before);

    const bare = await reach('s3');
    const { json } = await api('PUT', `${pathOf(bare.challenge)}/accept`, '{}');
    const plain = await running.authority.exchange(bare.client, codeIn(await bare.browser.followed(json.redirect_to)));
    const found = (await running.authority.introspect(plain.json.access_token)).json;
    for (const member of ['scope', 'ext', 'aud']) expect(found).not.toHaveProperty(member);
  });

  it('S5 a body that cannot be used', async () => {
    const { challenge } = await reach('s5');
    for (const body of [
      '',
      '{"session":{"foo":{}}}',
      '{"foo":1}',
      '{"grant_scope":"a"}',
      '{"session":{"id_token":[]}}',
    ])
      expectMalformed(await api('PUT', `${pathOf(challenge)}/accept`, body));
    expect(await listed('s5')).toEqual([]);
  });

  it('S6 S7 the last decision counts', async () => {
    const { client, challenge, browser } = await reach('s6');
    for (const scope of ['photos', 'openid']) await api('PUT', `${pathOf(challenge)}/accept`, { grant_scope: [scope] });
    const { json } = await api('PUT', `${pathOf(challenge)}/accept`, { grant_scope: ['openid'] });
    const tokens = await running.authority.exchange(client, codeIn(await browser.followed(json.redirect_to)));
    expect(tokens.json.scope).toBe('openid');
    const other = await reach('s7');
    await api('PUT', `${pathOf(other.challenge)}/accept`, {});
    const rejected = await api('PUT', `${pathOf(other.challenge)}/reject`, { error: 'access_denied' });
    const repeated = await api('PUT', `${pathOf(other.challenge)}/reject`, { error: 'access_denied' });
    expect(repeated.text).toBe(rejected.text); // the verifier stays
    expect(flow.errorIn(await other.browser.followed(rejected.json.redirect_to))).toBe('access_denied');
  });

  it('S9 S10 a remembered consent is skipped, unless more is asked for', async () => {
    const { browser, parameters, next } = await remembered('s9');
    expect((await next()).skip).toBe(true);
    expect((await next({ scope: 'openid offline photos' })).skip).toBe(false);
    expect((await next({ prompt: 'consent' })).skip).toBe(false);
    const more = running.authority.authorizationUrl({ ...parameters, scope: 'openid photos', prompt: 'none' });
    let url = await browser.followed(more);
    const login = url.searchParams.get('login_challenge');
    if (login !== null) url = await browser.followed(await running.authority.acceptLogin(login, { subject: 's9' }));
    const consent = url.searchParams.get('consent_challenge');
    expect([consent, flow.errorIn(url)]).toEqual([null, 'consent_required']);
  });

  it('S11 not for a public client without https', async () => {
    const { next } = await remembered('s11', {}, { token_endpoint_auth_method: 'none' });
    expect((await next()).skip).toBe(false);
  });

  it('S11 a public client with https, and a confidential one without, may skip', async () => {
    const redirectUri = 'https://app.example/cb';
    const isPublic = { token_endpoint_auth_method: 'none', redirect_uris: [redirectUri] };
    const { next } = await remembered('s11-https', {}, isPublic, { redirect_uri: redirectUri });
    expect((await next()).skip).toBe(true);
    expect((await (await remembered('s11-confidential')).next()).skip).toBe(true);
  });

  it('S12 remembered for a second', async () => {
    const { next } = await remembered('s12', { remember_for: 1 });
    await flow.sinceMoment(Date.now(), 2000);
    expect((await next()).skip).toBe(false);
    expect(await listed('s12')).toEqual([]);
  });

  it('S12 a consent that is over is not listed, remembered or not', async () => {
    const { challenge } = await reach('s12-unremembered');
    await api('PUT', `${pathOf(challenge)}/accept`, { remember: false, remember_for: 1 });
    expect(await listed('s12-unremembered')).toEqual([challenge]);
    await flow.sinceMoment(Date.now(), 2000);
    expect(await listed('s12-unremembered')).toEqual([]);
  });

  it('S13 S18 S20 a rejected consent is not listed, but can be revoked, once', async () => {
    const { challenge, browser } = await reach('s13');
    const { json } = await api('PUT', `${pathOf(challenge)}/reject`, {});
    expect(await listed('s13')).toEqual([]);
    expect(flow.errorIn(await browser.followed(json.redirect_to))).not.toBeNull();
    expectNothing(await api('DELETE', listOf('s13')));
    expectNotFound(await api('DELETE', listOf('s13')));
    expectNotFound(await api('DELETE', listOf('nobody')));
    expectNotFound(await api('GET', pathOf(challenge)));
  });

  it('S14 S15 S16 the list', async () => {
    expect((await api('GET', listOf('nobody'))).text).toBe('[]');
    const first = await reach('s15');
    await api('PUT', `${pathOf(first.challenge)}/accept`, { grant_scope: ['openid'], remember_for: 3600 });
    const rejected = await reach('s15');
    await api('PUT', `${pathOf(rejected.challenge)}/reject`, {});
    const { json } = await api('GET', listOf('s15'));
    const session = { access_token: {}, id_token: {} };
    const shown = (await api('GET', pathOf(first.challenge))).json;
    expect(json).toEqual([
      {
        ...{ grant_scope: ['openid'], grant_access_token_audience: [], session, remember: false, remember_for: 3600 },
        consent_request: shown,
      },
    ]);
    const second = await reach('s15');
    await api('PUT', `${pathOf(second.challenge)}/accept`, {});
    expect(await listed('s15', '?limit=0')).toEqual([]);
    expect(await listed('s15', '?limit=1')).toEqual([second.challenge]);
    expect(await listed('s15', '?offset=1')).toEqual([first.challenge]);
    await remembered('s15-skip').then(async ({ next }) => {
      const { challenge } = await next();
      await api('PUT', `${pathOf(challenge)}/accept`, { grant_scope: ['openid'] });
      expect(await listed('s15-skip')).toHaveLength(1);
    });
  });

  it('S17 S19 S21 revocation, at one client and at all', async () => {
    const user = `s17-${randomUUID()}`;
    const [one, two] = [await running.authority.createClient(), await running.authority.createClient()];
    const ofOne = await running.authority.obtainTokens(one, { subject: user });
    const ofTwo = await running.authority.obtainTokens(two, { subject: user });
    const others = await running.authority.obtainTokens(two, { subject: 'somebody-else' });
    const { json: refreshed } = await running.authority.refresh(two, ofTwo.refresh_token ?? '');
    expectNotFound(await api('DELETE', `${listOf(user)}/unknown`));
    expectNothing(await api('DELETE', `${listOf(user)}/${one.id}`));
    for (const token of [ofOne.access_token, ofOne.refresh_token ?? ''])
      expect(await running.authority.isActive(token)).toBe(false);
    expect((await running.authority.refresh(one, ofOne.refresh_token ?? '')).status).toBe(400);
    expect(await running.authority.isActive(refreshed.access_token)).toBe(true);
    const [challenge = ''] = await listed(user);
    expectNothing(await api('DELETE', listOf(user)));
    for (const token of [refreshed.access_token, refreshed.refresh_token])
      expect(await running.authority.isActive(token)).toBe(false);
    expect(await listed(user)).toEqual([]);
    expectNotFound(await api('GET', pathOf(challenge)));
    expect(await running.authority.isActive(others.access_token)).toBe(true);
  });

  it('S17 revocation reaches the tokens and challenges of every client at once', async () => {
    const user = `s17-all-${randomUUID()}`;
    const clients = [await running.authority.createClient(), await running.authority.createClient()];
    const tokens = await Promise.all(clients.map((each) => running.authority.obtainTokens(each, { subject: user })));
    const challenges = await listed(user);
    expect(challenges).toHaveLength(2);
    expectNothing(await api('DELETE', listOf(user)));
    for (const [index, { access_token: access, refresh_token: refresh = '' }] of tokens.entries()) {
      for (const token of [access, refresh])
        expect((await running.authority.introspect(token)).text).toBe('{"active":false}');
      expect((await running.authority.refresh(clients[index]!, refresh)).status).toBe(400);
    }
    for (const challenge of challenges) expectNotFound(await api('GET', pathOf(challenge)));
    expect((await api('GET', listOf(user))).text).toBe('[]');
  });

  it('S17 a revoked consent is asked for again, the login is not', async () => {
    const { browser, parameters, next } = await remembered('s17-again');
    expectNothing(await api('DELETE', listOf('s17-again')));
    const login = await running.authority.requestLogin(browser, parameters);
    expect((await running.authority.loginRequest(login)).skip).toBe(true);
    expect((await next()).skip).toBe(false);
  });

  it('S22 S23 login sessions revoked: requests under them go, consents and tokens stay', async () => {
    const user = 's22@x.org';
    const { client, browser, parameters } = await remembered(user);
    const tokens = await running.authority.obtainTokens(client, { subject: user });
    const pending = await running.authority.requestLogin(browser, parameters);
    const sessions = '/oauth2/auth/sessions/login';
    for (const name of ['s22%40x.org', 's22%40x.org', 'unknown'])
      expectNothing(await api('DELETE', `${sessions}/${name}`));
    expectNotFound(await api('GET', `/oauth2/auth/requests/login/${pending}`));
    expectNotFound(await api('PUT', `/oauth2/auth/requests/login/${pending}/accept`, { subject: user }));
    const login = await running.authority.requestLogin(browser, parameters);
    expect((await running.authority.loginRequest(login)).skip).toBe(false);
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
    expect(await listed(encodeURIComponent(user))).toHaveLength(1); // the second consent was skipped
  });
});
