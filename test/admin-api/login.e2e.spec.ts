import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { decodeJwt } from 'jose';
import { type Client, errorIn, parametersOf, reachConsent, sinceMoment } from '../oauth2/flow.js';
import { expectError, expectMalformed, expectNotFound } from './expectations.js';

const pathOf = (challenge: string): string => `/oauth2/auth/requests/login/${challenge}`;
const subjects = {
  OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'public,pairwise',
  OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT: 'a salt of some length',
};

describe('login requests (admin-api.md 5.3)', () => {
  const running = runningAuthority(subjects);
  const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.authority.admin(method, path, body);
  const start = async (browser = new TestBrowser(), extra: Record<string, string> = {}) => {
    const client = await running.authority.createClient();
    const parameters = parametersOf(client, extra);
    return { client, parameters, browser, challenge: await running.authority.requestLogin(browser, parameters) };
  };
  /** A browser in which u is logged in, remembered, and the parameters of the flow that did it. */
  const remembered = async (): Promise<{
    client: Client;
    browser: TestBrowser;
    parameters: Record<string, string>;
  }> => {
    const { client, browser, parameters, challenge } = await start();
    await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'u', remember: true }));
    return { client, browser, parameters };
  };

  it('L1 an unknown challenge', async () => {
    expectNotFound(await api('GET', pathOf('unknown')));
    expectNotFound(await api('PUT', `${pathOf('unknown')}/accept`, { subject: 'u' }));
    expectNotFound(await api('PUT', `${pathOf('unknown')}/reject`, {}));
    expectMalformed(await api('PUT', `${pathOf('unknown')}/accept`, {})); // decoded first
  });

  it('L2 L3 L4 shown, accepted, shown again', async () => {
    const extra = { display: 'page', ui_locales: 'de en', login_hint: '<u>', z: '1', a: '2' };
    const { client, challenge, parameters } = await start(new TestBrowser(), extra);
    const read = await api('GET', pathOf(challenge));
    expect([read.status, read.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(Object.keys(read.json)).toEqual([
      ...['challenge', 'requested_scope', 'requested_access_token_audience', 'skip', 'subject', 'oidc_context'],
      ...['client', 'request_url', 'session_id'],
    ]);
    expect(read.json).toEqual({
      ...{ challenge, requested_scope: ['openid', 'offline'], requested_access_token_audience: [], skip: false },
      ...{ subject: '', oidc_context: { ui_locales: ['de', 'en'], display: 'page', login_hint: '<u>' } },
      client: (await api('GET', `/clients/${client.id}`)).json,
      request_url: running.authority.authorizationUrl(parameters),
      session_id: '',
    });
    expect(read.text).toContain('\\u003cu\\u003e');
    const accepted = await api('PUT', `${pathOf(challenge)}/accept`, { subject: 'u' });
    expect([accepted.status, Object.keys(accepted.json)]).toEqual([200, ['redirect_to']]);
    const [base, query = ''] = accepted.json.redirect_to.split('?');
    expect(base).toBe(`${running.publicUrl}/oauth2/auth`);
    const names = [...new URLSearchParams(query).keys()];
    expect(names).toEqual([...names].sort());
    expect(query).toMatch(/&login_verifier=[\da-f]{32}&/);
    expect(query).toContain('scope=openid+offline');
    expect(accepted.text).toContain('\\u0026login_verifier=');
    expect((await api('GET', pathOf(challenge))).text).toBe(read.text);
  });

  it('L2 the client is shown as it is now', async () => {
    const { client, challenge } = await start();
    await api('PUT', `/clients/${client.id}`, { client_name: 'renamed', redirect_uris: [client.redirectUri] });
    expect((await running.authority.loginRequest(challenge)).client.client_name).toBe('renamed');
  });

  it('L5 its verifier redeemed', async () => {
    const { browser, challenge } = await start();
    const next = await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'u' }));
    expect(next.href.startsWith(apps.consent)).toBe(true);
    expect(challengeIn(next, 'consent_challenge')).toMatch(/^[\da-f]{32}$/);
    const answer = await api('GET', pathOf(challenge));
    expectError(answer, 409, 'Conflict');
    expect(answer.json.error_debug).toMatch(/./);
    expectError(await api('PUT', `${pathOf(challenge)}/accept`, { subject: 'u' }), 409, /exists|decided/);
    expectError(await api('PUT', `${pathOf(challenge)}/reject`, {}), 409, /exists|decided/);
  });

  it.each(['{"subject":""}', '{}', 'null', '{"subject":null}'])('L6 nobody logs in: %s', async (body) => {
    const { challenge } = await start();
    expectMalformed(await api('PUT', `${pathOf(challenge)}/accept`, body));
    expect((await api('PUT', `${pathOf(challenge)}/accept`, { subject: 'u' })).status).toBe(200);
  });

  it('L7 a body that cannot be used changes nothing', async () => {
    const { challenge } = await start();
    for (const body of [
      ...['', '{"subject":"u","foo":1}', '{"subject":1}', '{"subject":"u","remember_for":"3"}', '[]', '{"subject":"u"'],
      ...['{"subject":"u","remember":1}', '{"subject":"u","remember_for":1.5}', '{"subject":"u","context":{}}'],
      `{"subject":"${'u'.repeat(256)}"}`,
    ])
      expectMalformed(await api('PUT', `${pathOf(challenge)}/accept`, body));
    expect((await api('PUT', `${pathOf(challenge)}/accept`, '{"SUBJECT":"u","acr":null} trailing')).status).toBe(200);
  });

  it('L8 decided once', async () => {
    for (const first of ['accept', 'reject'])
      for (const second of ['accept', 'reject']) {
        const { challenge } = await start();
        expect(
          (await api('PUT', `${pathOf(challenge)}/${first}`, first === 'accept' ? { subject: 'u' } : {})).status,
        ).toBe(200);
        const again = await api('PUT', `${pathOf(challenge)}/${second}`, second === 'accept' ? { subject: 'v' } : {});
        expectError(again, 409, /exists|decided/);
      }
  });

  it('L9 without the cookie, and twice', async () => {
    const stranger = await start();
    const url = await running.authority.acceptLogin(stranger.challenge, { subject: 'u' });
    expect(errorIn(await new TestBrowser().followed(url))).toBe('request_forbidden');
    const own = await start();
    const mine = await running.authority.acceptLogin(own.challenge, { subject: 'u' });
    await own.browser.followed(mine);
    expect(errorIn(await own.browser.followed(mine))).toBe('invalid_request');
  });

  it('L10 L11 rejected: the client is told', async () => {
    const { browser, challenge } = await start();
    const body = { error: 'interaction_required', error_description: 'd', error_hint: 'h', status_code: 400 };
    const rejected = await api('PUT', `${pathOf(challenge)}/reject`, body);
    expect([rejected.status, rejected.json.redirect_to]).toEqual([200, expect.stringContaining('login_verifier=')]);
    const told = (await browser.followed(rejected.json.redirect_to)).searchParams;
    expect([told.get('error'), told.get('error_description'), told.get('error_hint')]).toEqual([body.error, 'd', 'h']);

    const bare = await start();
    for (const none of ['', '{"foo":1}', '{"error":1}', '{"status_code":"400"}', '[]'])
      expectMalformed(await api('PUT', `${pathOf(bare.challenge)}/reject`, none));
    const { status, json } = await api('PUT', `${pathOf(bare.challenge)}/reject`, '{}');
    expect(status).toBe(200);
    expect(errorIn(await bare.browser.followed(json.redirect_to))).toMatch(/denied/);
  });

  it('L12 L13 skipped, for the same subject alone; remember cannot be taken back there', async () => {
    const { browser, parameters } = await remembered();
    const challenge = await running.authority.requestLogin(browser, parameters);
    const asked = await running.authority.loginRequest(challenge);
    expect(asked).toMatchObject({ skip: true, subject: 'u', session_id: expect.stringMatching(/./) });
    const other = await api('PUT', `${pathOf(challenge)}/accept`, { subject: 'other' });
    expectMalformed(other);
    expect(other.json).not.toHaveProperty('redirect_to');
    await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'u', remember: false }));
    const third = await running.authority.loginRequest(await running.authority.requestLogin(browser, parameters));
    expect([third.skip, third.session_id]).toEqual([true, asked.session_id]);
  });

  it('L14 prompt=login asks again', async () => {
    const { browser, parameters } = await remembered();
    const again = await running.authority.requestLogin(browser, { ...parameters, prompt: 'login' });
    expect(await running.authority.loginRequest(again)).toMatchObject({ skip: false, subject: '' });
  });

  it('L15 prompt=none without a session, or with one that is too old', async () => {
    const client = await running.authority.createClient();
    const none = parametersOf(client, { prompt: 'none' });
    expect(errorIn(await new TestBrowser().followed(running.authority.authorizationUrl(none)))).toBe('login_required');
    const { browser, parameters } = await remembered();
    await sinceMoment(Date.now(), 2100);
    const old = running.authority.authorizationUrl({ ...parameters, prompt: 'none', max_age: '1' });
    expect(errorIn(await browser.followed(old))).toBe('login_required');
  });

  it('L16 a login that is not to be remembered ends the session there was', async () => {
    const { browser, parameters } = await remembered();
    const challenge = await running.authority.requestLogin(browser, { ...parameters, prompt: 'login' });
    await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'u', remember: false }));
    const next = await running.authority.requestLogin(browser, parameters);
    expect((await running.authority.loginRequest(next)).skip).toBe(false);
  });

  it('L18 acr', async () => {
    const client = await running.authority.createClient();
    const consent = await reachConsent(running.authority, new TestBrowser(), parametersOf(client), { acr: '1' });
    expect((await api('GET', `/oauth2/auth/requests/consent/${consent}`)).json.acr).toBe('1');
    const tokens = await running.authority.obtainTokens(client, { login: { acr: '1' } });
    expect(decodeJwt(tokens.id_token ?? '')['acr']).toBe('1');
  });

  it('L19 T9 a forced subject identifier, and its introspection', async () => {
    const client = await running.authority.createClient({ subject_type: 'pairwise' });
    const login = { force_subject_identifier: 'x' };
    const tokens = await running.authority.obtainTokens(client, { subject: 'real', login });
    expect(decodeJwt(tokens.id_token ?? '').sub).toBe('x');
    const { json } = await running.authority.introspect(tokens.access_token);
    expect([json.sub, json.obfuscated_subject]).toEqual(['real', 'x']);
  });

  it('T9 a pairwise subject', async () => {
    const client = await running.authority.createClient({ subject_type: 'pairwise' });
    const tokens = await running.authority.obtainTokens(client, { subject: 'real' });
    const { json } = await running.authority.introspect(tokens.access_token);
    expect([json.sub, json.obfuscated_subject]).toEqual(['real', decodeJwt(tokens.id_token ?? '').sub]);
    expect(json.obfuscated_subject).not.toBe('real');
  });
});

describe('login requests with a second to live', () => {
  const running = runningAuthority({ TTL_LOGIN_CONSENT_REQUEST: '1s' });

  it('L17 are shown and accepted when it is over, and refused when redeemed', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const challenge = await running.authority.requestLogin(browser, parametersOf(client));
    await sinceMoment(Date.now(), 2000);
    expect((await running.authority.admin('GET', pathOf(challenge))).status).toBe(200);
    const url = await running.authority.acceptLogin(challenge, { subject: 'u' });
    const end = await browser.followed(url);
    expect(errorIn(end)).toBe('request_unauthorized');
    expect(() => codeIn(end)).toThrow();
  });
});
