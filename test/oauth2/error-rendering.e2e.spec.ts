import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { parametersOf, reachConsent } from './flow.js';

const rejection = { error: 'denied', error_description: 'No', error_hint: 'Why not', error_debug: 'row 7' };

describe('errors, with debug texts exposed (OAUTH2_EXPOSE_INTERNAL_ERRORS)', () => {
  const running = runningAuthority({ OAUTH2_EXPOSE_INTERNAL_ERRORS: 'true' });
  const reject = async (kind: 'login' | 'consent', challenge: string): Promise<string> =>
    (await running.authority.admin('PUT', `/oauth2/auth/requests/${kind}/${challenge}/reject`, rejection)).json
      .redirect_to;

  it('#4 #8 the debug text of a rejection reaches the client', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const login = await running.authority.requestLogin(browser, parametersOf(client));
    const consent = await reachConsent(running.authority, browser, parametersOf(client));
    for (const url of [await reject('login', login), await reject('consent', consent)]) {
      const { searchParams } = await browser.followed(url);
      expect(Object.fromEntries(searchParams)).toEqual({
        ...rejection,
        ...{ iss: `${running.publicUrl}/`, state: 'some-state-value' },
      });
    }
  });
});

describe('the fallback pages (oauth2-flows.md 1.9)', () => {
  const running = runningAuthority({ URLS_LOGIN: '', URLS_CONSENT: '', URLS_ERROR: '' });

  it('stand in for login and consent', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const login = await browser.followed(running.authority.authorizationUrl(parametersOf(client)));
    expect(`${login.origin}${login.pathname}`).toBe(`${running.publicUrl}/oauth2/fallbacks/consent`);
    const page = await browser.visit(login.href);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('show an error, and nothing an attacker put into it as markup', async () => {
    const url = await new TestBrowser().followed(running.authority.authorizationUrl({ client_id: 'nobody' }));
    expect(`${url.origin}${url.pathname}`).toBe(`${running.publicUrl}/oauth2/fallbacks/error`);
    url.searchParams.set('error_hint', '<script>alert("1")</script>');
    const page = await fetch(url);
    const text = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain('invalid_client');
    expect(text).not.toContain('<script>');
  });

  it('are not on the admin listener, as the protocol is not', async () => {
    for (const path of ['/oauth2/fallbacks/error', '/oauth2/auth', '/oauth2/token', '/oauth2/revoke', '/userinfo'])
      expect([path, (await running.authority.admin('GET', path)).status]).toEqual([path, 404]);
  });

  it('1.14 discovery and userinfo answer in the admin style, with the request id', async () => {
    const answer = await fetch(`${running.publicUrl}/userinfo`, { headers: { 'x-request-id': 'request-7' } });
    expect(await answer.json()).toMatchObject({ error: 'request_unauthorized', request_id: 'request-7' });
  });
});
