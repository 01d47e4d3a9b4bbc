import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const admin = (method: string, path: string): Promise<Answer> => running.authority.admin(method, path);

/** A browser that is remembered, and its login session. */
async function remembered(client: Client, subject: string): Promise<{ browser: TestBrowser; sessionId: string }> {
  const browser = new TestBrowser();
  await running.authority.obtainTokens(client, { subject, browser, login: { remember: true } });
  return { browser, sessionId: (await loginRequest(client, browser)).session_id };
}

type Client = { id: string; secret: string; redirectUri: string };

async function loginRequest(client: Client, browser: TestBrowser): Promise<{ skip: boolean; session_id: string }> {
  const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
  const challenge = await running.authority.requestLogin(browser, parameters);
  return (await admin('GET', `/oauth2/auth/requests/login/${challenge}`)).json;
}

describe('one login session, below /admin (admin-api.md 4.1)', () => {
  const sessions = '/oauth2/auth/sessions';

  it('is revoked by its sid; those of other browsers stay', async () => {
    const client = await running.authority.createClient();
    const one = await remembered(client, 'sally');
    const other = await remembered(client, 'sally');
    const revoke = (): Promise<Answer> => admin('DELETE', `/admin${sessions}/login?sid=${one.sessionId}`);
    const revoked = await revoke();
    expect([revoked.status, revoked.headers.get('hydrant-position')]).toEqual([204, expect.stringMatching(/^\d+$/)]);
    expect((await loginRequest(client, one.browser)).skip).toBe(false);
    expect((await loginRequest(client, other.browser)).skip).toBe(true);
    expect((await revoke()).status).toBe(204);
    expect((await admin('DELETE', `/admin${sessions}/login?sid=made-up`)).status).toBe(204);
  });

  it('is not to be named in v1.11: 400', async () => {
    expect((await admin('DELETE', `${sessions}/login?sid=any`)).status).toBe(400);
  });

  it('tells apart what was granted under it', async () => {
    const client = await running.authority.createClient();
    const { browser, sessionId } = await remembered(client, 'lister');
    await running.authority.obtainTokens(client, { subject: 'lister', browser });
    const list = async (query: string): Promise<unknown[]> =>
      (await admin('GET', `/admin${sessions}/consent?subject=lister${query}`)).json;
    expect(await list('')).toHaveLength(2);
    expect(await list(`&login_session_id=${sessionId}`)).toMatchObject([
      { consent_request: { login_session_id: sessionId } },
    ]);
    expect(await list('&login_session_id=made-up')).toEqual([]);
  });
});
