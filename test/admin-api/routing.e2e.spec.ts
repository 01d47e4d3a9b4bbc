import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { rawExchange, statusesIn } from '../security/raw-exchange.js';
import { expectError, expectMalformed, expectNoRow, expectNotFound, expectNothing } from './expectations.js';

const operations: Readonly<Record<string, string>> = {
  '/clients': 'GET, POST',
  '/clients/a': 'DELETE, GET, PUT',
  '/keys/a': 'DELETE, GET, POST, PUT',
  '/keys/a/b': 'DELETE, GET, PUT',
  '/oauth2/auth/requests/login/a': 'GET',
  '/oauth2/auth/requests/login/a/accept': 'PUT',
  '/oauth2/auth/requests/login/a/reject': 'PUT',
  '/oauth2/auth/requests/consent/a': 'GET',
  '/oauth2/auth/requests/consent/a/accept': 'PUT',
  '/oauth2/auth/requests/consent/a/reject': 'PUT',
  '/oauth2/auth/sessions/consent/a': 'DELETE, GET',
  '/oauth2/auth/sessions/consent/a/b': 'DELETE',
  '/oauth2/auth/sessions/login/a': 'DELETE',
  '/oauth2/introspect': 'POST',
  '/oauth2/flush': 'POST',
};

describe('routing (admin-api.md 1.1)', () => {
  const running = runningAuthority();
  const call = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    running.authority.admin(method, path, undefined, headers);
  const raw = (method: string, path: string, headers = ''): Promise<string> =>
    rawExchange(
      running.authority.urls.adminUrl,
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`,
    );

  it.each(Object.entries(operations))('C25 %s tells its methods', async (path, methods) => {
    const allow = `${methods}, OPTIONS`;
    const options = await call('OPTIONS', path);
    expect([options.status, options.headers.get('allow'), options.text]).toEqual([200, allow, '']);
    const others = ['HEAD', 'PATCH', 'GET', 'POST', 'PUT', 'DELETE'].filter((method) => !methods.includes(method));
    for (const method of others) {
      const { status, headers, text } = await call(method, path);
      expect([method, status, headers.get('allow'), headers.get('content-type'), text]).toEqual([
        ...[method, 405, allow, 'text/plain; charset=utf-8', method === 'HEAD' ? '' : 'Method Not Allowed\n'],
      ]);
    }
  });

  it.each([
    ['GET', '/clients/', '/clients'],
    ['GET', '/clients/?limit=1', '/clients?limit=1'],
    ['POST', '/clients/', '/clients'],
    ['GET', '/CLIENTS', '/clients'],
    ['GET', '/Clients/MiXed', '/clients/MiXed'],
    ['PUT', '/clients/a/', '/clients/a'],
    ['DELETE', '/keys/a/', '/keys/a'],
    ['GET', '/keys/a/b/', '/keys/a/b'],
    ['GET', '/clients//a', '/clients/a'],
    ['GET', '/clients/a%20b%3Fc/', '/clients/a%20b%3Fc'],
    ['POST', '/oauth2//introspect', '/oauth2/introspect'],
    ['POST', '/OAuth2/Flush?a=1&b=<', '/oauth2/flush?a=1&b=%3C'],
    ['DELETE', '/oauth2/auth/sessions/consent/u/', '/oauth2/auth/sessions/consent/u'],
    ['PUT', '/oauth2/auth/requests/login/c/accept/', '/oauth2/auth/requests/login/c/accept'],
  ])('C25 %s %s is redirected to %s', async (method, path, location) => {
    const answer = await call(method, path);
    expect([answer.status, answer.headers.get('location')]).toEqual([method === 'GET' ? 301 : 307, location]);
    if (method === 'GET') expect(answer.text).toContain(`href="${location}"`);
    else expect(answer.text).toBe('');
  });

  it('C25 doubled slashes at the beginning lead to no other host', async () => {
    expect(await raw('GET', '//clients?x=1')).toMatch(/^HTTP\/1\.1 301 .*\r\nlocation: \/clients\?x=1\r\n/is);
    for (const path of ['//evil.example/', '//evil.example/clients/', '/\\evil.example/clients/'])
      expect([path, statusesIn(await raw('GET', path))]).toEqual([path, [404]]);
  });

  it('C25 what is nowhere: a line of text, or JSON for who sends JSON', async () => {
    const paths = ['/nope', '/', '/keys/', '/keys', '/oauth2/auth/sessions/consent/', '/clients/a/b', '/keys/a/b/c'];
    const more = [
      '/oauth2/auth/requests/login/',
      '/oauth2/auth',
      '/oauth2/token',
      '/clientsx',
      '/oauth2/auth/requests',
    ];
    for (const path of [...paths, ...more]) {
      const text = await call('GET', path);
      expect([path, text.status, text.headers.get('content-type'), text.json]).toEqual([
        ...[path, 404, 'text/plain; charset=utf-8', undefined],
      ]);
      expect(text.text).toMatch(/^[^\n]+\n$/);
      const json = await call('GET', path, { 'content-type': 'application/json' });
      expect([path, json.status, json.headers.get('content-type'), json.json]).toEqual([
        ...[path, 404, 'text/plain; charset=utf-8', { error: expect.any(String) }],
      ]);
    }
    expect((await call('GET', '/nope', { 'content-type': 'application/json; charset=utf-8' })).json).toBeUndefined();
    for (const method of ['OPTIONS', 'HEAD', 'DELETE', 'PATCH'])
      expect([method, (await call(method, '/nope')).status]).toEqual([method, 404]);
  });

  it('C25 GET and HEAD are two methods, also where both would be harmless', async () => {
    for (const path of ['/clients', '/clients/a', '/keys/a/b', '/health/alive', '/version'])
      expect([path, (await call('HEAD', path)).status]).toEqual([path, 405]);
  });

  it('an empty parameter in the middle of a path reaches the operation', async () => {
    expectNoRow(await call('GET', '/keys//kid'));
    expectNothing(await call('DELETE', '/keys//kid'));
    expectMalformed(await running.authority.admin('PUT', '/keys//kid', { kty: 'oct', k: 'aaaa', kid: 'kid' }));
    const revocation = await call('DELETE', '/oauth2/auth/sessions/consent//client-x');
    expectMalformed(revocation);
    expect(revocation.json.error_hint).toMatch(/parameter/); // ERR-400-VAL with debug text
    for (const kind of ['login', 'consent']) {
      expectNotFound(await running.authority.admin('PUT', `/oauth2/auth/requests/${kind}//accept`, { subject: 'u' }));
      expectNotFound(await running.authority.admin('PUT', `/oauth2/auth/requests/${kind}//reject?x=1`, {}));
    }
  });

  it('what is not percent-encoded: 400; what says no UTF-8 names nothing: 404', async () => {
    for (const path of ['/clients/a%zz', '/clients/%', '/keys/%a/b']) {
      const answer = await call('GET', path, { 'x-request-id': 'encoded' });
      expectError(answer, 400, 'invalid_request');
      expect(answer.json.request_id).toBe('encoded');
    }
    for (const path of ['/clients/%ff', '/keys/a%C0%80', '/oauth2/auth/requests/login/%ED%A0%80'])
      expectNotFound(await call('GET', path));
    expectNoRow(await call('GET', '/clients/%00'));
  });

  it('ignores credentials, Accept and, for JSON, the content type', async () => {
    for (const headers of [
      { authorization: 'Basic nonsense' },
      { authorization: 'Bearer x' },
      { accept: 'text/html' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'application/xml; charset=latin1' },
      { 'content-type': 'multipart/form-data' },
      ...['', 'json', ';;;', '/', 'application/json, text/plain', '"', 'a b/c', 'é'].map((type) => ({
        'content-type': type,
      })),
    ]) {
      const { status, headers: received } = await running.authority.admin('POST', '/clients', '{}', headers);
      expect([status, received.get('content-type')]).toEqual([201, 'application/json']);
    }
  });

  it('says nothing about caching and paging, where there is no secret', async () => {
    const { headers } = await call('GET', '/clients');
    for (const name of ['cache-control', 'pragma', 'link', 'x-total-count'])
      expect([name, headers.get(name)]).toEqual([name, null]);
  });
});
