import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser, challengeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  running.authority.admin(method, path, body);
const handshakes = '/oauth2/auth/requests';
const context = { theme: 'dark', list: [1, null, { 'a<b': 'c' }] };

/** A consent request behind a login accepted as a generation does; `prefix` '' is v1.11, `/admin` v26.2. */
async function consentAfter(prefix: string, login: object, browser = new TestBrowser()): Promise<string> {
  const client = await running.authority.createClient();
  const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
  const challenge = await running.authority.requestLogin(browser, parameters);
  const path = `${prefix}${handshakes}/login/accept?login_challenge=${challenge}`;
  const accepted = await admin('PUT', path, { subject: 'mira', ...login });
  expect(accepted.status).toBe(200);
  return challengeIn(await browser.followed(accepted.json.redirect_to), 'consent_challenge');
}

const later = (path: string): Promise<Answer>[] => ['', '/admin'].map((prefix) => admin('GET', `${prefix}${path}`));

describe.each([
  ['v1.11', ''],
  ['v26.2', '/admin'],
])('what a login app of %s says beside the subject (admin-api.md 4.2)', (_generation, prefix) => {
  it('is shown to consent apps of later generations, and not to those of rc.8', async () => {
    const challenge = await consentAfter(prefix, { context, amr: ['pwd', 'otp'] });
    for (const shown of await Promise.all(later(`${handshakes}/consent?consent_challenge=${challenge}`))) {
      expect(shown).toMatchObject({ status: 200, json: { challenge, context, amr: ['pwd', 'otp'] } });
    }
    const { json } = await admin('GET', `${handshakes}/consent/${challenge}`);
    expect(json).not.toHaveProperty('context');
    expect(json).not.toHaveProperty('amr');
  });

  it('may be any JSON, or nothing', async () => {
    const path = (challenge: string): string => `${prefix}${handshakes}/consent?consent_challenge=${challenge}`;
    for (const value of ['text', 0, false, [], {}]) {
      const shown = await admin('GET', path(await consentAfter(prefix, { context: value })));
      expect(shown.json.context).toEqual(value);
    }
    for (const login of [{}, { context: null, amr: null }]) {
      const { json } = await admin('GET', path(await consentAfter(prefix, login)));
      expect(json).toMatchObject({ amr: [] });
      expect(json).not.toHaveProperty('context');
    }
  });

  it('is refused when it is too large, and the request can still be accepted', async () => {
    const client = await running.authority.createClient();
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const challenge = await running.authority.requestLogin(new TestBrowser(), parameters);
    const accept = async (size: number): Promise<number> => {
      const body = { subject: 'mira', context: 'x'.repeat(size) };
      return (await admin('PUT', `${prefix}${handshakes}/login/accept?login_challenge=${challenge}`, body)).status;
    };
    expect([await accept(256 * 1024 - 1), await accept(256 * 1024 - 2)]).toEqual([400, 200]);
  });
});

describe('consent sessions (admin-api.md 4.2)', () => {
  const accept = async (challenge: string, body: object): Promise<void> => {
    const answer = await admin('PUT', `/admin${handshakes}/consent/accept?consent_challenge=${challenge}`, body);
    expect(answer.status).toBe(200);
  };

  it('say when they were granted and with which context, as far as the generation knows it', async () => {
    const since = Date.now();
    await accept(await consentAfter('/admin', { subject: 'keeper', context }), { context: { kept: 'by consent' } });
    const list = '/oauth2/auth/sessions/consent?subject=keeper';
    const [[v1], [v26]] = (await Promise.all(later(list))).map(({ json }) => json);
    for (const session of [v1, v26]) {
      expect(Date.parse(session.handled_at)).toBeGreaterThanOrEqual(since);
      expect(Date.parse(session.handled_at)).toBeLessThanOrEqual(Date.now());
      expect(session.consent_request).toMatchObject({ context, amr: [] });
    }
    expect(v26).toMatchObject({ context: { kept: 'by consent' }, consent_request_id: v26.consent_request.challenge });
    expect(v1).not.toHaveProperty('context');
    const [rc8] = (await admin('GET', '/oauth2/auth/sessions/consent/keeper')).json;
    expect(Object.keys(rc8)).toEqual([
      ...['grant_scope', 'grant_access_token_audience', 'session', 'remember', 'remember_for', 'consent_request'],
    ]);
    expect(rc8.consent_request).not.toHaveProperty('context');
  });

  it('have the context of the login when the consent app keeps none', async () => {
    await accept(await consentAfter('/admin', { subject: 'relayer', context }), {});
    const [session] = (await admin('GET', '/admin/oauth2/auth/sessions/consent?subject=relayer')).json;
    expect(session.context).toEqual(context);
  });

  it('of v1.11 take no context: 400', async () => {
    const challenge = await consentAfter('', {});
    const body = { context: {} };
    expect((await admin('PUT', `${handshakes}/consent/accept?consent_challenge=${challenge}`, body)).status).toBe(400);
    expect((await admin('PUT', `${handshakes}/consent/${challenge}/accept`, body)).status).toBe(400);
  });
});
