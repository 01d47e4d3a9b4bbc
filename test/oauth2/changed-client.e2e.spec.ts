import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { type Client, errorIn, parametersOf, reachConsent } from './flow.js';

/** Every call of a flow is checked against the client as it is at that moment (oauth2-flows.md 2.1). */
describe('a client that changes in the middle of a flow', () => {
  const running = runningAuthority();
  const update = async ({ id }: Client, members: object): Promise<void> => {
    const { json } = await running.authority.admin('GET', `/clients/${id}`);
    expect((await running.authority.admin('PUT', `/clients/${id}`, { ...json, ...members })).status).toBe(200);
  };
  const where = (url: URL): unknown[] => [`${url.origin}${url.pathname}`, errorIn(url)];
  /** Where the second and the third call of two flows lead; nobody has been there yet. */
  const pendingCalls = async (browser: TestBrowser, parameters: Record<string, string>): Promise<string[]> => {
    const consent = await reachConsent(running.authority, browser, parameters);
    const third = await running.authority.acceptConsent(consent, { grant_scope: ['openid'] });
    const login = await running.authority.requestLogin(browser, parameters);
    return [await running.authority.acceptLogin(login, { subject: 'alice' }), third];
  };

  it('2.1 a redirect URI taken away gets no code, nor an error; the verifiers are not spent', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const [second = '', third = ''] = await pendingCalls(browser, parametersOf(client));
    await update(client, { redirect_uris: ['http://127.0.0.1:5555/other'] });
    for (const call of [second, third])
      expect(where(await browser.followed(call))).toEqual([apps.error, 'invalid_request']);
    await update(client, { redirect_uris: [client.redirectUri] });
    expect((await browser.followed(second)).pathname).toBe('/consent');
    expect((await browser.followed(third)).searchParams.has('code')).toBe(true);
  });

  it('2.1 nor does the only redirect URI of before, when the request named none', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const calls = await pendingCalls(browser, { client_id: client.id, scope: 'openid' });
    await update(client, { redirect_uris: ['http://127.0.0.1:5555/other'] });
    for (const call of calls) expect(where(await browser.followed(call))).toEqual([apps.error, 'invalid_request']);
  });

  it.each([
    ['a scope', { scope: 'openid' }, 'invalid_scope'],
    ['an audience', { audience: [] }, 'invalid_request'],
    ['the response type', { response_types: ['token'] }, 'unsupported_response_type'],
  ])('2.1 %s taken away is refused at the client', async (_what, members, error) => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const parameters = parametersOf(client, { scope: 'openid photos', audience: 'https://api.example.org/' });
    const calls = await pendingCalls(browser, parameters);
    await update(client, members);
    for (const call of calls) {
      const url = await browser.followed(call);
      expect(where(url)).toEqual([client.redirectUri, error]);
      expect(url.searchParams.get('state')).toBe('some-state-value');
    }
  });

  it('a change of what the flow does not use does no harm', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const [second = '', third = ''] = await pendingCalls(browser, parametersOf(client));
    await update(client, { client_name: 'New name', client_secret: 'brand-new-secret' });
    expect((await browser.followed(second)).pathname).toBe('/consent');
    expect((await browser.followed(third)).searchParams.has('code')).toBe(true);
  });
});
