import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser, challengeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const admin = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  running.authority.admin(method, path, body, headers);
const handshakes = '/oauth2/auth/requests';
const sessions = '/oauth2/auth/sessions';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** A login request that waits for its decision. */
async function loginRequest(): Promise<{ browser: TestBrowser; challenge: string }> {
  const client = await running.authority.createClient();
  const browser = new TestBrowser();
  const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
  return { browser, challenge: await running.authority.requestLogin(browser, parameters) };
}

/** A login and a consent request whose verifiers were redeemed. */
async function usedRequests(): Promise<{ login: string; consent: string; requestUrl: string }> {
  const { browser, challenge: login } = await loginRequest();
  const requestUrl = (await admin('GET', `${handshakes}/login/${login}`)).json.request_url;
  const afterLogin = await running.authority.acceptLogin(login, { subject: 'mira' });
  const consent = challengeIn(await browser.followed(afterLogin), 'consent_challenge');
  await browser.followed(await running.authority.acceptConsent(consent, {}));
  return { login, consent, requestUrl };
}

describe.each([
  ['v1.11', ''],
  ['v26.2', '/admin'],
])('the challenge in the query, %s (admin-api.md 4)', (generation, prefix) => {
  it.each(['login_challenge', 'challenge'])('is found under %s', async (name) => {
    const { challenge } = await loginRequest();
    const shown = await admin('GET', `${prefix}${handshakes}/login?${name}=${challenge}`);
    expect(shown).toMatchObject({ status: 200, json: { challenge, skip: false } });
    expect(shown.headers.get('content-type')).toBe('application/json');
    const decided = await admin('PUT', `${prefix}${handshakes}/login/accept?${name}=${challenge}`, { subject: 'mira' });
    expect(decided.json.redirect_to).toMatch(/login_verifier=/);
  });

  it.each(['GET /login', 'PUT /login/accept', 'PUT /login/reject', 'GET /consent', 'PUT /consent/accept'])(
    'is asked for by %s: 400',
    async (operation) => {
      const [method = '', path = ''] = operation.split(' ');
      const answer = await admin(method, `${prefix}${handshakes}${path}`, method === 'PUT' ? {} : undefined);
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    },
  );

  it('is unknown: 404', async () => {
    expect((await admin('GET', `${prefix}${handshakes}/login?login_challenge=unknown`)).status).toBe(404);
    expect((await admin('PUT', `${prefix}${handshakes}/consent/accept?consent_challenge=unknown`, {})).status).toBe(
      404,
    );
  });

  it('was used: 410 with where to begin anew, and a consent cannot be decided again', async () => {
    const { login, consent, requestUrl } = await usedRequests();
    const gone = { status: 410, json: { redirect_to: requestUrl } };
    expect(await admin('GET', `${prefix}${handshakes}/login?login_challenge=${login}`)).toMatchObject(gone);
    expect(await admin('GET', `${prefix}${handshakes}/consent?consent_challenge=${consent}`)).toMatchObject(gone);
    for (const decision of ['accept', 'reject']) {
      const again = await admin('PUT', `${prefix}${handshakes}/consent/${decision}?consent_challenge=${consent}`, {});
      expect(again).toMatchObject({ status: 409, json: { error: 'Conflict' } });
    }
    expect((await admin('GET', `${handshakes}/login/${login}`)).status).toBe(409);
    expect((await admin('PUT', `${handshakes}/consent/${consent}/accept`, {})).status).toBe(200);
  });

  it('comes with the members of its generation; others are an error until v25.4', async () => {
    const { challenge } = await loginRequest();
    const accept = (body: unknown): Promise<Answer> =>
      admin('PUT', `${prefix}${handshakes}/login/accept?login_challenge=${challenge}`, body);
    expect((await accept({ subject: 'mira', amr: 'pwd' })).status).toBe(400);
    const unknown = await accept({ subject: 'mira', context: { a: 1 }, amr: ['pwd'], made_up: true });
    expect(unknown.status).toBe(generation === 'v26.2' ? 200 : 400);
    if (generation === 'v1.11') expect((await accept({ subject: 'mira', context: {}, amr: [] })).status).toBe(200);
  });

  it('revokes what a subject granted: of one client, or of all, and 204 when there is nothing', async () => {
    const { authority } = running;
    const [first, second] = [await authority.createClient(), await authority.createClient()];
    const subject = `user ${generation}`;
    const query = `subject=${encodeURIComponent(subject)}`;
    const tokens = [
      await authority.obtainTokens(first, { subject }),
      await authority.obtainTokens(second, { subject }),
    ];
    const revoke = async (more: string): Promise<number> =>
      (await admin('DELETE', `${prefix}${sessions}/consent?${query}${more}`)).status;
    expect([await revoke(''), await revoke('&all=false')]).toEqual([400, 400]);
    expect((await admin('DELETE', `${prefix}${sessions}/consent?all=true`)).status).toBe(400);
    expect(await revoke(`&client=${first.id}`)).toBe(204);
    expect(await Promise.all(tokens.map(({ access_token }) => authority.isActive(access_token)))).toEqual([
      false,
      true,
    ]);
    expect(await revoke('&all=true')).toBe(204);
    expect(await authority.isActive(tokens[1]?.access_token ?? '')).toBe(false);
    const again = await admin('DELETE', `${prefix}${sessions}/consent?${query}&all=true`);
    expect([again.status, again.headers.get('hydrant-position')]).toEqual([204, null]);
    expect((await admin('DELETE', `${prefix}${sessions}/login?${query}`)).status).toBe(204);
    expect((await admin('DELETE', `${prefix}${sessions}/login`)).status).toBe(400);
  });

  it('lists what a subject granted, with links to other pages', async () => {
    const subject = `lister-${generation}`;
    const client = await running.authority.createClient();
    for (let i = 0; i < 3; i++) await running.authority.obtainTokens(client, { subject });
    const size = generation === 'v26.2' ? 'page_size=2' : 'limit=2';
    const first = await admin('GET', `${prefix}${sessions}/consent?subject=${subject}&${size}`);
    expect(first.json).toHaveLength(2);
    const second = await admin('GET', linked(first, 'next') ?? '');
    expect(second.json).toHaveLength(1);
    expect(linked(second, 'next')).toBeUndefined();
    expect(first.headers.get('x-total-count')).toBe(generation === 'v26.2' ? null : '3');
    expect((await admin('GET', linked(second, 'first') ?? '')).json).toEqual(first.json);
    expect((await admin('GET', `${prefix}${sessions}/consent`)).status).toBe(400);
  });
});

describe('below /admin, as v26.2 (admin-api.md 4.2)', () => {
  it('creates, reads, replaces and deletes a client', async () => {
    const created = await admin('POST', '/admin/clients', { client_id: 'a b' });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/admin/clients/a%20b']);
    const shown = await admin('GET', '/admin/clients/a%20b');
    expect(shown.headers.get('cache-control')).toBe('private, no-cache, no-store, must-revalidate');
    expect((await admin('PUT', '/admin/clients/a%20b', { client_name: 'x' })).json.client_name).toBe('x');
    expect((await admin('DELETE', '/admin/clients/a%20b')).status).toBe(204);
    expect((await admin('DELETE', '/admin/clients/a%20b')).status).toBe(404);
    expect((await admin('DELETE', '/clients/a%20b')).status).toBe(204);
  });

  it('names what is wrong with a registration as RFC 7591 3.2.2 does', async () => {
    const post = async (path: string, body: object): Promise<string> => (await admin('POST', path, body)).json.error;
    expect(await post('/admin/clients', { redirect_uris: ['http://a/#x'] })).toBe('invalid_redirect_uri');
    expect(await post('/admin/clients', { subject_type: 'foo' })).toBe('invalid_client_metadata');
    expect(await post('/clients', { redirect_uris: ['http://a/#x'] })).toBe('invalid_request');
  });

  it('pages over the clients by an opaque token, filtered by owner', async () => {
    const ids = ['p-1', 'p-2', 'p-3'];
    for (const client_id of ids) await admin('POST', '/admin/clients', { client_id, owner: 'pager' });
    const found: string[] = [];
    let next: string | undefined = '/admin/clients?owner=pager&page_size=2';
    while (next !== undefined) {
      const page: Answer = await admin('GET', next);
      found.push(...page.json.map(({ client_id }: { client_id: string }) => client_id));
      next = linked(page, 'next');
    }
    expect(found).toEqual(ids);
    for (const query of ['page_size=x', 'page_size=0', 'page_token=%21']) {
      expect((await admin('GET', `/admin/clients?${query}`)).status).toBe(400);
    }
    expect((await admin('GET', '/clients?limit=1')).headers.get('link')).toBeNull();
  });

  it('introspects with token_use', async () => {
    const { access_token: token } = await running.authority.obtainTokens(await running.authority.createClient());
    const answer = await admin('POST', '/admin/oauth2/introspect', `token=${token}`, form);
    const { iat } = answer.json;
    expect(answer.json).toMatchObject({
      active: true,
      token_type: 'Bearer',
      token_use: 'access_token',
      nbf: iat,
      aud: [],
    });
    const unknown = await admin('POST', '/admin/oauth2/introspect', 'token=unknown', form);
    expect(unknown).toMatchObject({ status: 200, json: { active: false } });
    expect((await running.authority.introspect(token)).json.token_type).toBe('access_token');
  });

  it.each([
    ['RS256', { kty: 'RSA' }],
    ['RS512', { kty: 'RSA' }],
    ['PS256', { kty: 'RSA' }],
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['ES384', { kty: 'EC', crv: 'P-384' }],
    ['ES512', { kty: 'EC', crv: 'P-521' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ])('generates one private key, %s', async (alg, members) => {
    const created = await admin('POST', `/admin/keys/one-${alg}`, { alg, kid: 'k' });
    expect(created.json.keys).toEqual([
      expect.objectContaining({ ...members, alg, kid: 'k', use: 'sig', d: expect.any(String) }),
    ]);
    expect(created.headers.get('location')).toBe(`/admin/keys/one-${alg}`);
    expect((await admin('GET', `/admin/keys/one-${alg}/k`)).json).toEqual(created.json);
  });

  it('signs ID tokens with a key it generated', async () => {
    expect((await admin('POST', '/admin/keys/hydra.openid.id-token', { alg: 'RS256', kid: 'bare' })).status).toBe(201);
    const tokens = await running.authority.obtainTokens(await running.authority.createClient());
    const [header = ''] = tokens.id_token?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: 'bare', alg: 'RS256' });
  });

  it('signs no ID tokens with a key for another algorithm, and makes one of its own where only such keys are left', async () => {
    const signer = async (): Promise<unknown> => {
      const { id_token } = await running.authority.obtainTokens(await running.authority.createClient());
      const [header = ''] = id_token?.split('.') ?? [];
      return JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
    };
    const set = '/admin/keys/hydra.openid.id-token';
    const before = await signer();
    const added = await admin('POST', set, { alg: 'PS256', kid: 'ps' });
    expect([added.status, await signer()]).toEqual([201, before]);
    expect((await admin('PUT', set, added.json)).status).toBe(200);
    expect(['ps', before]).not.toContain(await signer());
  });

  it('has no flush, no HMAC keys, and no challenge in the path', async () => {
    expect((await admin('POST', '/admin/oauth2/flush', {})).status).toBe(404);
    expect((await admin('POST', '/admin/keys/s', { alg: 'HS256' })).status).toBe(400);
    expect((await admin('GET', `/admin${handshakes}/login/some-challenge`)).status).toBe(404);
  });
});

describe('the paths of rc.8', () => {
  it.each([`${sessions}/consent/`, `${handshakes}/login/`])('still need a name: GET %s', async (path) => {
    expect((await admin('GET', path)).status).toBe(404);
  });

  it('still have no PATCH', async () => expect((await admin('PATCH', '/clients/a', [])).status).toBe(405));
});

describe('PATCH of a client (RFC 6902)', () => {
  const patch = (operations: unknown, headers?: Record<string, string>): Promise<Answer> =>
    admin('PATCH', '/admin/clients/patched', operations, headers);

  it('changes the registration and keeps the secret', async () => {
    const { authority } = running;
    const client = await authority.createClient({ client_id: 'patched', contacts: ['a@example.org'] });
    const answer = await patch([
      { op: 'test', path: '/client_id', value: 'patched' },
      { op: 'add', path: '/contacts/-', value: 'b@example.org' },
      { op: 'replace', path: '/client_name', value: 'Prints' },
    ]);
    expect(answer).toMatchObject({
      status: 200,
      json: { client_name: 'Prints', contacts: ['a@example.org', 'b@example.org'] },
    });
    expect(answer.json.client_secret).toBeUndefined();
    const login = (secret: string): Promise<Answer> =>
      authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id: 'patched', secret });
    expect((await login(client.secret)).status).toBe(200);
    expect((await patch([{ op: 'add', path: '/client_secret', value: 'another-secret' }])).json.client_secret).toBe(
      'another-secret',
    );
    expect([(await login(client.secret)).status, (await login('another-secret')).status]).toEqual([401, 200]);
  });

  it.each([
    ['nothing a patch is made of', {}],
    ['an unknown operation', [{ op: 'invent', path: '/owner', value: 'x' }]],
    ['a path that leads nowhere', [{ op: 'replace', path: '/made/up', value: 'x' }]],
    ['a test that fails', [{ op: 'test', path: '/owner', value: 'somebody' }]],
    ['another client_id', [{ op: 'replace', path: '/client_id', value: 'other' }]],
    ['a value of the wrong type', [{ op: 'replace', path: '/contacts', value: 'x' }]],
    ['an invalid registration', [{ op: 'replace', path: '/redirect_uris', value: ['http://a/#x'] }]],
    ['the removal of everything', [{ op: 'remove', path: '' }]],
  ])('refuses %s and changes nothing', async (_what, operations) => {
    const before = await admin('GET', '/clients/patched');
    expect((await patch(operations)).status).toBe(400);
    expect(await admin('GET', '/clients/patched')).toMatchObject({ json: before.json });
  });

  it('loses no patch of many at once', async () => {
    const names = ['c', 'd', 'e', 'f'];
    const answers = await Promise.all(names.map((value) => patch([{ op: 'add', path: '/contacts/-', value }])));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await admin('GET', '/clients/patched')).json.contacts).toEqual(expect.arrayContaining(names));
  });

  it('is 404 for a client that is not there', async () => {
    expect((await admin('PATCH', '/admin/clients/nobody', [])).status).toBe(404);
  });
});

/** Where a `Link` header leads to. */
function linked({ headers }: Answer, rel: string): string | undefined {
  const links = [...(headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)];
  return links.find(([, , name]) => name === rel)?.[1];
}
