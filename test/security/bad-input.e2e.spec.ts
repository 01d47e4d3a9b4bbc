import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Answer,
  AuthorityClient,
  type AuthorityProcess,
  TestBrowser,
  scratchFolder,
  startAuthority,
} from '#libs/harness';
import { rawExchange, statusesIn } from './raw-exchange.js';

const requestId = 'the-request-id';
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** No JSON value that any operation takes for its body. */
const malformed: readonly [what: string, body: string][] = [
  ['nothing', ''],
  ['white space', ' \n'],
  ['an open object', '{"subject":"alice"'],
  ['an open string', '"alice'],
  ['a word', 'alice'],
  ['a trailing comma', '{"subject":"alice",}'],
  ['single quotes', "{'subject':'alice'}"],
  ['a NUL', '\0'],
  ['a NUL inside', '{"sub\0ject":'],
  ['an array', '[]'],
  ['a number', '3'],
  ['a string', '"alice"'],
  ['a truth', 'true'],
  ['a number too long', '1'.repeat(100_000)],
  ['arrays in arrays without end', '['.repeat(200_000)],
  ['objects in objects without end', '{"a":'.repeat(100_000)],
  ['a form', 'subject=alice&grant_scope=openid'],
  ['XML', '<?xml version="1.0"?><subject>alice</subject>'],
];

/** Every write that takes JSON, with the members it knows. */
const operations: readonly [method: string, path: string, members: readonly string[]][] = [
  [
    'POST',
    '/clients',
    [
      'client_id',
      'client_name',
      'client_secret',
      'redirect_uris',
      'grant_types',
      'response_types',
      'scope',
      'audience',
      'contacts',
      'client_secret_expires_at',
      'subject_type',
      'jwks',
      'jwks_uri',
      'token_endpoint_auth_method',
      'created_at',
    ],
  ],
  [
    'PUT',
    '/clients/there',
    [
      'client_name',
      'redirect_uris',
      'grant_types',
      'scope',
      'client_secret_expires_at',
      'jwks',
      'updated_at',
      'policy_uri',
    ],
  ],
  ['POST', '/keys/some-set', ['alg', 'kid', 'use']],
  ['PUT', '/keys/some-set', ['keys']],
  [
    'PUT',
    '/keys/some-set/some-kid',
    ['kty', 'kid', 'use', 'alg', 'k', 'n', 'e', 'd', 'x', 'y', 'crv', 'x5c', 'key_ops'],
  ],
  [
    'PUT',
    '/oauth2/auth/requests/login/some-challenge/accept',
    ['subject', 'remember', 'remember_for', 'acr', 'force_subject_identifier'],
  ],
  [
    'PUT',
    '/oauth2/auth/requests/login/some-challenge/reject',
    ['error', 'error_description', 'error_hint', 'status_code', 'error_debug'],
  ],
  [
    'PUT',
    '/oauth2/auth/requests/consent/some-challenge/accept',
    ['grant_scope', 'grant_access_token_audience', 'session', 'remember', 'remember_for'],
  ],
  [
    'PUT',
    '/oauth2/auth/requests/consent/some-challenge/reject',
    ['error', 'error_description', 'error_hint', 'status_code', 'error_debug'],
  ],
  ['POST', '/oauth2/flush', ['notAfter']],
];

/** Bodies that may be taken or refused, but never trip the server. */
const odd: readonly [what: string, text: (member: string) => string][] = [
  ['a lone surrogate', (member) => `{"${member}":"a\\ud800b","\\udfff":"c"}`],
  ['a NUL', (member) => `{"${member}":"a\\u0000b"}`],
  ['a prototype', (member) => `{"__proto__":{"${member}":"x"},"constructor":{"prototype":{"x":1}},"toString":1}`],
  ['a nested prototype', (member) => `{"${member}":{"__proto__":{"polluted":true}}}`],
  ['a huge number', (member) => `{"${member}":1e400}`],
  ['a number beyond 2^53', (member) => `{"${member}":${'9'.repeat(30)}}`],
  ['an endless fraction', (member) => `{"${member}":0.${'3'.repeat(10_000)}}`],
  ['deep objects', (member) => `{"${member}":${nested(50_000)}}`],
  ['deep session claims', () => `{"grant_scope":[],"session":{"id_token":${nested(50_000)}}}`],
  ['deep keys', () => `{"keys":[${nested(20_000)}],"jwks":{"keys":[${nested(20_000)}]}}`],
  ['a long string', (member) => `{"${member}":"${'a'.repeat(500_000)}"}`],
  ['many elements', (member) => `{"${member}":[${'"a",'.repeat(100_000)}"a"]}`],
];

describe('input that nobody should send', () => {
  let process: AuthorityProcess;
  let authority: AuthorityClient;
  let remove: () => Promise<void>;
  let seen = 0;
  let client: { id: string; secret: string; redirectUri: string };

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = () => scratch.remove();
    const started = await startAuthority(scratch.folder);
    process = { ...started, publicUrl: started.publicListenerUrl };
    authority = new AuthorityClient(process);
    await authority.createClient({ client_id: 'there' });
    client = await authority.createClient();
  });
  afterEach(async () => {
    for (const url of [process.adminUrl, process.publicUrl])
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const lines = process.output().split('\n');
    const logged = lines.slice(seen);
    seen = lines.length;
    expect(logged.filter((line) => /"level":"(?:error|fatal)"/.test(line))).toEqual([]);
  });
  afterAll(async () => {
    await process.stop();
    await remove();
  });

  const json = (method: string, path: string, body: string): Promise<Answer> =>
    authority.admin(method, path, body, { 'content-type': 'application/json', 'x-request-id': requestId });

  it.each(operations)('as the body of %s %s is answered 400 in the error shape', async (method, path) => {
    for (const [what, body] of malformed) {
      const answer = await json(method, path, body);
      expect({ what, ...shapeOf(answer) }).toEqual({
        what,
        status: 400,
        type: 'application/json',
        members: errorMembers,
      });
      expect(answer.json).toMatchObject({ error: 'invalid_request', status_code: 400, request_id: requestId });
      expectNoTrace(answer);
    }
  });

  it.each(operations)('as a member of %s %s is never an error of the server', async (method, path, members) => {
    for (const [what, text] of odd) {
      for (const member of members.slice(0, 5)) {
        const answer = await json(method, path, text(member));
        expectNoServerError(answer.status, { what, member });
        expectNoTrace(answer);
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(operations)('drawn at random for %s %s is never an error of the server', async (method, path, members) => {
    const bodies = fc.sample(
      fc.record(Object.fromEntries(members.map((name) => [name, fc.jsonValue()])), { requiredKeys: [] }),
      { numRuns: 25, seed: 7 },
    );
    for (const body of bodies) {
      const answer = await json(method, path, JSON.stringify(body));
      expectNoServerError(answer.status, body);
    }
  });

  it('in the acceptance of a request that waits for one is never an error of the server, now or later', async () => {
    const claims = (text: string): string =>
      `{"grant_scope":["openid"],"session":{"access_token":{"a":${text}},"id_token":{"a":${text}}}}`;
    const values = [
      '"a\\ud800b"',
      '"a\\u0000b"',
      '{"__proto__":{"polluted":true}}',
      nested(20_000),
      '1e400',
      `"${'a'.repeat(300_000)}"`,
    ];
    for (const value of values) {
      const browser = new TestBrowser();
      const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
      const loginChallenge = await authority.requestLogin(browser, parameters);
      const login = `/oauth2/auth/requests/login/${loginChallenge}`;
      const odd = await json('PUT', `${login}/accept`, `{"subject":"person","acr":${value}}`);
      expectNoServerError(odd.status, { login: value });
      const next = odd.status === 200 ? odd : await json('PUT', `${login}/accept`, '{"subject":"person"}');
      expect(next.status).toBe(200);
      const wentTo = await browser.followed(next.json.redirect_to);
      const consent = `/oauth2/auth/requests/consent/${wentTo.searchParams.get('consent_challenge')}`;
      const accepted = await json('PUT', `${consent}/accept`, claims(value));
      expectNoServerError(accepted.status, { consent: value });
      if (accepted.status !== 200) continue;
      const code = (await browser.followed(accepted.json.redirect_to)).searchParams.get('code') ?? '';
      const exchanged = await authority.exchange(client, code);
      expectNoServerError(exchanged.status, { exchange: value });
      if (exchanged.status === 200)
        expectNoServerError((await authority.introspect(exchanged.json.access_token)).status, value);
      expectNoServerError((await authority.admin('GET', '/oauth2/auth/sessions/consent/person')).status, value);
    }
  });

  it('larger than 1 MiB is answered 413 on both listeners, also in chunks', async () => {
    const size = 1024 * 1024 + 1;
    const paths: [string, string][] = [
      [process.adminUrl, 'POST /clients'],
      [process.adminUrl, 'PUT /oauth2/auth/requests/consent/some-challenge/accept'],
      [process.adminUrl, 'POST /oauth2/introspect'],
      [process.publicUrl, 'POST /oauth2/token'],
      [process.publicUrl, 'POST /oauth2/revoke'],
    ];
    for (const [url, operation] of paths) {
      const head = `${operation} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
      const announced = await rawExchange(url, `${head}Content-Length: ${size}\r\n\r\n${'a'.repeat(size)}`);
      const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
      const chunked = await rawExchange(url, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(65)}0\r\n\r\n`);
      expect({ operation, announced: statusesIn(announced) }).toEqual({ operation, announced: [413] });
      expect({ operation, chunked: statusesIn(chunked) }).toEqual({ operation, chunked: [413] });
    }
  });

  it('that is not percent-encoded well is answered 400', async () => {
    for (const path of ['/clients/%zz', '/clients/%', '/keys/%e0%a4%a/x'])
      expect({ path, status: (await authority.admin('GET', path)).status }).toEqual({ path, status: 400 });
    for (const path of ['/oauth2/auth/requests/login/%ff', '/clients/%c0%80'])
      // nothing has such a name
      expect({ path, status: (await authority.admin('GET', path)).status }).toEqual({ path, status: 404 });
    const form = formRequest('/oauth2/token', 'grant_type=client_credentials&scope=%zz');
    expect(statusesIn(await rawExchange(process.publicUrl, form))).toEqual([400]);
    expect(statusesIn(await rawExchange(process.adminUrl, formRequest('/oauth2/introspect', 'token=%zz')))).toEqual([
      400,
    ]);
  });

  it('of another content type is refused by the form endpoints, and never an error of the server', async () => {
    const types = [
      'application/json',
      'text/plain',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'image/png',
      ';;;',
    ];
    for (const type of types) {
      for (const [url, path] of [
        [process.publicUrl, '/oauth2/token'],
        [process.publicUrl, '/oauth2/revoke'],
        [process.adminUrl, '/oauth2/introspect'],
      ] as const) {
        const [status = 0] = statusesIn(
          await rawExchange(url, formRequest(path, '{"grant_type":"client_credentials"}', type)),
        );
        expect({ path, type, refused: status >= 400 && status < 500 }).toEqual({ path, type, refused: true });
      }
    }
  });

  it('in headers, cookies and credentials is never an error of the server', async () => {
    const authorizations = [
      'Basic !!!',
      'Basic',
      `Basic ${base64('no colon')}`,
      `Basic ${base64('%zz:%zz')}`,
      `Basic ${base64('a\0b:c\0d')}`,
      'Bearer',
      'Digest x',
      `Basic ${base64(`${'a'.repeat(3000)}:x`)}`,
    ];
    for (const authorization of authorizations) {
      const answer = await fetch(`${process.publicUrl}/oauth2/token`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      expectNoServerError(answer.status, authorization);
      const userinfo = await fetch(`${process.publicUrl}/userinfo`, { headers: { authorization } });
      expect({ authorization, status: userinfo.status }).toEqual({ authorization, status: 401 });
    }
    const cookies = [
      'oauth2_authentication_session=%zz',
      'oauth2_authentication_session=v1.0.e30.x',
      ';;;=',
      '='.repeat(2000),
    ];
    for (const cookie of cookies) {
      const answer = await fetch(
        authority.authorizationUrl({ client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' }),
        { headers: { cookie }, redirect: 'manual' },
      );
      expect({ cookie, status: answer.status }).toEqual({ cookie, status: 302 });
    }
    const huge = await rawExchange(
      process.adminUrl,
      `GET /version HTTP/1.1\r\nHost: localhost\r\nX-Huge: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(statusesIn(huge)).toEqual([431]);
  });

  it('in an authorization request ends in an error for the browser', async () => {
    const fine = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const wrong: Record<string, string>[] = [
      { max_age: '9'.repeat(400) },
      { max_age: '-1' },
      { id_token_hint: 'a.b.c' },
      { id_token_hint: `${base64('{"alg":"none"}')}.${base64('{}')}.` },
      { prompt: 'none login \0' },
      { claims: nested(10_000) },
      { request: 'x'.repeat(5000) },
      { ui_locales: '\u{10ffff}'.repeat(500), display: '__proto__' },
      { redirect_uri: 'javascript:alert(1)' },
      { login_verifier: 'nothing' },
      { consent_verifier: '../../x' },
      { state: '\0'.repeat(10) },
    ];
    for (const parameters of wrong) {
      const answer = await new TestBrowser().visit(authority.authorizationUrl({ ...fine, ...parameters }));
      expectNoServerError(answer.status, parameters);
    }
  });

  it('after a request on the same connection, or instead of one, is answered 400 and the connection ends', async () => {
    const alive = 'GET /health/alive HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const cases = [
      `${alive}\x16\x03\x01garbage\r\n\r\n`,
      `${alive}${alive}NONSENSE / HTTP/1.1\r\n\r\n`,
      '\0\0\0\0\r\n\r\n',
      'POST /clients HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /clients HTTP/1.1\r\nHost: localhost\r\nContent-Length: five\r\n\r\n12345',
      'POST /clients HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n',
      'GET /version HTTP/1.1\r\nHost: localhost\r\nX-Bad: a\0b\r\n\r\n',
    ];
    for (const bytes of cases) {
      for (const url of [process.adminUrl, process.publicUrl]) {
        const statuses = statusesIn(await rawExchange(url, bytes));
        expect({ bytes, last: statuses.pop() }).toEqual({ bytes, last: 400 });
        expect(statuses.filter((status) => status !== 200)).toEqual([]); // answers to what came before the garbage
      }
    }
  });
});

const errorMembers = expect.arrayContaining(['error', 'error_description', 'status_code', 'request_id']);

function shapeOf({ status, headers, json }: Answer): { status: number; type: string | null; members: string[] } {
  return { status, type: headers.get('content-type'), members: Object.keys(json ?? {}) };
}

function expectNoTrace({ text }: Answer): void {
  expect(text).not.toMatch(/\n\s+at |node_modules|\.js:\d/);
}

function expectNoServerError(status: number, input: unknown): void {
  expect({ input, status, fine: status >= 200 && status < 500 }).toEqual({ input, status, fine: true });
}

function formRequest(path: string, body: string, type = 'application/x-www-form-urlencoded'): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
