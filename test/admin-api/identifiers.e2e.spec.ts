import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import {} from '../oauth2/flow.js';
import { rawExchange, statusesIn } from '../security/raw-exchange.js';
import { expectMalformed, expectNoRow, expectNotFound, expectNothing } from './expectations.js';

/** Every kind of character a path has a meaning for, or none. */
const names = [
  ...['a:b', '100%', '%41', 'what?', 'a b', ' ', '+', 'a+b', 'a&b=c', '#', ';', 'a;b', '@', 'u@x.org', '~', '*', '!'],
  ...['"<>"', '[1]', '{x}', '\\', '|', '^', '`', "'", '$', ',', '=', '...', '..a', 'null', '__proto__', 'constructor'],
  ...['héllo', '日本語', '😀', 'e\u0301', '\u0000', '\n', '\u2028', '\ufeff', ':id', 'accept', 'x'.repeat(255)],
  '😀'.repeat(255),
];
const tooLong = ['x'.repeat(256), '😀'.repeat(256)];

describe('names in paths', () => {
  const running = runningAuthority();
  const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.authority.admin(method, path, body);

  it.each(names)('%j is a client', async (name) => {
    const path = `/clients/${encodeURIComponent(name)}`;
    const created = await api('POST', '/clients', { client_id: name, client_secret: 'chosen' });
    expect([created.status, created.json.client_id, created.headers.get('location')]).toEqual([201, name, path]);
    expect((await api('GET', path)).json.client_id).toBe(name);
    const put = await api('PUT', path, { client_name: 'x' });
    expect([put.status, put.json.client_id, put.json.client_name]).toEqual([200, name, 'x']);
    expectNothing(await api('DELETE', path));
    expectNoRow(await api('GET', path));
  });

  it.each(names)('%j is a key set and a key', async (name) => {
    const set = `/keys/${encodeURIComponent(name)}`;
    const path = `${set}/${encodeURIComponent(name)}`;
    const key = { kty: 'oct', kid: name, k: 'c2VjcmV0' };
    expect((await api('PUT', path, key)).json).toEqual(key);
    expect((await api('GET', path)).json).toEqual({ keys: [key] });
    expect((await api('GET', set)).json).toEqual({ keys: [key] });
    const generated = await api('POST', set, { alg: 'HS256', kid: 'another' });
    expect([generated.status, generated.headers.get('location')]).toEqual([201, set]);
    expectNothing(await api('DELETE', path));
    expectNoRow(await api('GET', path));
    expectNothing(await api('DELETE', set));
    expectNotFound(await api('GET', set));
  });

  it.each(names)('%j is a subject, and a client it gave its consent to', async (name) => {
    const client = await running.authority.createClient({ client_id: name });
    const tokens = await running.authority.obtainTokens(client, { subject: name });
    const user = encodeURIComponent(name);
    const consents = `/oauth2/auth/sessions/consent/${user}`;
    expect((await api('GET', consents)).json).toMatchObject([{ consent_request: { subject: name } }]);
    expect((await running.authority.introspect(tokens.access_token)).json.sub).toBe(name);
    expectNothing(await api('DELETE', `/oauth2/auth/sessions/login/${user}`));
    expectNotFound(await api('DELETE', `${consents}/another`));
    expectNothing(await api('DELETE', `${consents}/${user}`));
    expectNotFound(await api('DELETE', consents));
    expect(await running.authority.isActive(tokens.access_token)).toBe(false);
    expectNothing(await api('DELETE', `/clients/${user}`));
  });

  it.each(names)('%j is no challenge, and is looked for all the same', async (name) => {
    for (const kind of ['login', 'consent']) {
      const path = `/oauth2/auth/requests/${kind}/${encodeURIComponent(name)}`;
      expectNotFound(await api('GET', path));
      expectNotFound(await api('PUT', `${path}/accept`, kind === 'login' ? { subject: 'u' } : {}));
      expectNotFound(await api('PUT', `${path}/reject`, {}));
    }
  });

  it('longer than 255 characters: nothing has them, and nothing gets them', async () => {
    const browser = new TestBrowser();
    const client = await running.authority.createClient();
    for (const name of tooLong) {
      const encoded = encodeURIComponent(name);
      expectMalformed(await api('POST', '/clients', { client_id: name }));
      expectNoRow(await api('GET', `/clients/${encoded}`));
      expectNothing(await api('DELETE', `/clients/${encoded}`));
      expectMalformed(await api('POST', `/keys/${encoded}`, { alg: 'HS256', kid: 'k' }));
      expectMalformed(await api('PUT', '/keys/some/k', { kty: 'oct', k: 'aaaa', kid: name }));
      expectMalformed(await api('PUT', `/keys/${encoded}`, { keys: [] }));
      expectNotFound(await api('GET', `/keys/${encoded}`));
      expectNothing(await api('DELETE', `/keys/${encoded}/${encoded}`));
      expect((await api('GET', `/oauth2/auth/sessions/consent/${encoded}`)).text).toBe('[]');
      const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
      const challenge = await running.authority.requestLogin(browser, parameters);
      expectMalformed(await api('PUT', `/oauth2/auth/requests/login/${challenge}/accept`, { subject: name }));
      expect((await running.authority.loginRequest(challenge)).subject).toBe('');
    }
  });

  it('case and normalisation count', async () => {
    for (const name of ['Case', 'case', '\u00e9', 'e\u0301'])
      expect((await api('POST', '/clients', { client_id: name, client_name: name })).status).toBe(201);
    for (const name of ['Case', 'case', '\u00e9', 'e\u0301'])
      expect((await api('GET', `/clients/${encodeURIComponent(name)}`)).json.client_name).toBe(name);
  });

  it.each([
    ...['a%2Fb', 'a%2fb', '%2F', '.', '..', '%2e', '%2E%2e', '.%2e', '../clients/there', '%2e%2e%2fclients'],
    ...['./there', 'there/..', 'there/.'],
  ])('%s is not routable', async (name) => {
    await api('POST', '/clients', { client_id: 'there', client_secret: 'chosen' });
    for (const path of [
      `/clients/${name}`,
      `/keys/${name}`,
      `/keys/set/${name}`,
      `/oauth2/auth/sessions/login/${name}`,
      `/oauth2/auth/sessions/consent/${name}`,
      `/oauth2/auth/sessions/consent/u/${name}`,
      `/oauth2/auth/requests/login/${name}`,
      `/oauth2/auth/requests/login/${name}/accept`,
      `/oauth2/auth/requests/consent/${name}/reject`,
    ])
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const bytes = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
        const received = await rawExchange(running.authority.urls.adminUrl, bytes);
        expect({ method, path, statuses: statusesIn(received) }).toEqual({ method, path, statuses: [404] });
      }
    expect((await api('GET', '/clients/there')).status).toBe(200);
  });
});
