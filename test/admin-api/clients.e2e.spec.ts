import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { expectError, expectHint, expectMalformed, expectNoRow, expectNothing, uuid } from './expectations.js';

const secondsOnly = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const generatedSecret = /^[A-Za-z0-9_.~-]{22,}$/;

/** Every member a read shows of a client that was created with none, in the order of admin-api.md 3.1. */
const defaults = {
  client_id: 'scoped',
  client_name: '',
  redirect_uris: [],
  grant_types: [],
  response_types: [],
  scope: 'offline_access offline openid',
  audience: [],
  owner: '',
  policy_uri: '',
  allowed_cors_origins: [],
  tos_uri: '',
  client_uri: '',
  logo_uri: '',
  contacts: [],
  client_secret_expires_at: 0,
  subject_type: 'public',
  token_endpoint_auth_method: 'client_secret_basic',
  userinfo_signed_response_alg: 'none',
  created_at: expect.stringMatching(secondsOnly),
  updated_at: expect.stringMatching(secondsOnly),
};

const ecKey = {
  ...{ use: 'sig', kty: 'EC', kid: 'k', crv: 'P-256' },
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

const full = {
  client_id: 'full',
  client_name: 'Photo <prints> & more',
  client_secret: 'secret',
  redirect_uris: ['https://photos.example/cb', 'app|with|bars:/cb'],
  grant_types: ['authorization_code', 'something|else'],
  response_types: ['code', 'code id_token'],
  scope: 'photos.* openid',
  audience: ['https://api.example/'],
  owner: 'team',
  policy_uri: 'not a url',
  allowed_cors_origins: ['https://photos.example'],
  tos_uri: 'tos',
  client_uri: 'client',
  logo_uri: 'logo',
  contacts: ['ops@example.org'],
  client_secret_expires_at: 10,
  subject_type: 'public',
  jwks: { keys: [ecKey] },
  token_endpoint_auth_method: 'client_secret_post',
  request_uris: ['https://photos.example/request'],
  request_object_signing_alg: 'RS256',
  userinfo_signed_response_alg: 'RS256',
  created_at: '2001-01-01T00:00:00Z',
  updated_at: '0001-01-01T00:00:00Z',
};

describe('clients (admin-api.md 5.1)', () => {
  const running = runningAuthority();
  const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.authority.admin(method, path, body);
  const post = (body: unknown): Promise<Answer> => api('POST', '/clients', body);
  const token = (id: string, secret: string): Promise<Answer> =>
    running.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret });

  it('C1 one that says only its name', async () => {
    const answer = await post({ client_id: 'scoped' });
    expect([answer.status, answer.headers.get('location'), answer.headers.get('content-type')]).toEqual([
      ...[201, '/clients/scoped', 'application/json'],
    ]);
    const lists = ['redirect_uris', 'grant_types', 'response_types', 'audience', 'allowed_cors_origins', 'contacts'];
    const echoed = Object.fromEntries(lists.map((name) => [name, null]));
    expect(answer.json).toEqual({
      ...{ ...defaults, ...echoed },
      client_secret: expect.stringMatching(generatedSecret),
    });
    expect(answer.json.created_at).toBe(answer.json.updated_at);
    const read = await api('GET', '/clients/scoped');
    expect(read.json).toEqual(defaults);
    expect(Object.keys(read.json)).toEqual(Object.keys(defaults));
    const withSecret = Object.keys(defaults);
    withSecret.splice(2, 0, 'client_secret');
    expect(Object.keys(answer.json)).toEqual(withSecret);
  });

  it('C2 {} and null get a name', async () => {
    for (const body of ['{}', 'null', ' null garbage']) {
      const answer = await post(body);
      expect([answer.status, answer.json.client_id]).toEqual([201, uuid()]);
      expect((await api('GET', answer.headers.get('location') ?? '')).json.client_id).toBe(answer.json.client_id);
    }
  });

  it('C3 C4 one that says everything, then reads', async () => {
    const created = await post(full);
    const { client_secret: secret, created_at: createdAt, updated_at: updatedAt, ...rest } = full;
    const expected = { ...rest, client_secret_expires_at: 0 };
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ ...expected, client_secret: secret });
    expect(created.json.created_at).not.toBe(createdAt);
    expect(created.json.updated_at).not.toBe(updatedAt);
    expect(Math.abs(Date.parse(created.json.created_at) - Date.now())).toBeLessThan(5000);
    const { client_secret: _shownOnce, ...read } = created.json;
    const one = await api('GET', '/clients/full');
    expect([one.status, one.json]).toEqual([200, read]);
    expect(one.text).toContain('Photo \\u003cprints\\u003e \\u0026 more');
    const all = await api('GET', '/clients?limit=500');
    expect(all.json).toContainEqual(read);
    expect(all.text).not.toContain('client_secret"');
  });

  it('C5 the same name again', async () => {
    await post({ client_id: 'twice' });
    const answer = await post({ client_id: 'twice' });
    expectError(answer, 409, /exists/);
    expect(answer.json).toMatchObject({ error_description: '', request_id: expect.stringMatching(/./) });
    await api('DELETE', '/clients/twice');
    expect((await post({ client_id: 'twice' })).status).toBe(201);
  });

  it('C6 a public client is never shown a secret', async () => {
    for (const secret of [{}, { client_secret: 'long-enough' }]) {
      const { status, json } = await post({ token_endpoint_auth_method: 'none', ...secret });
      expect(status).toBe(201);
      expect(json).not.toHaveProperty('client_secret');
    }
  });

  it('C7 a secret has at least 6 bytes', async () => {
    expectHint(await post({ client_secret: '12345' }), /6/);
    for (const secret of ['123456', 'äöü', '0'.repeat(500)])
      expect((await post({ client_secret: secret })).json.client_secret).toBe(secret);
  });

  it('C8 private_key_jwt needs keys, by value or by address; {} counts', async () => {
    const method = { token_endpoint_auth_method: 'private_key_jwt' };
    expectHint(await post(method), /jwks/);
    expectHint(await post({ ...method, jwks: null, jwks_uri: '' }), /jwks/);
    const empty = await post({ ...method, jwks: {} });
    expect([empty.status, empty.json.jwks]).toEqual([201, { keys: null }]);
    expect((await api('GET', `/clients/${empty.json.client_id}`)).json.jwks).toEqual({ keys: null });
    expect((await post({ ...method, jwks_uri: 'https://x.example/jwks' })).status).toBe(201);
  });

  it('C9 never both', async () => {
    for (const jwks of [{}, { keys: [] }, { keys: [ecKey] }])
      expectHint(await post({ jwks_uri: 'https://x.example/jwks', jwks }), /jwks_uri/);
  });

  it('takes public keys alone: what a registration holds is shown', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const okp = generateKeyPairSync('ed25519').privateKey;
    const privateKeys = [privateKey, rsa, okp].map((key) => key.export({ format: 'jwk' }));
    for (const key of [...privateKeys, { kty: 'oct', k: 'c2VjcmV0' }])
      expectHint(await post({ jwks: { keys: [ecKey, key] } }), /public keys/);
    const { json } = await post({ jwks: { keys: [ecKey] } });
    expectHint(await api('PUT', `/clients/${json.client_id}`, { jwks: { keys: privateKeys } }), /public keys/);
  });

  it('C10 userinfo_signed_response_alg', async () => {
    for (const alg of ['foo', 'rs256', 'HS256']) expectHint(await post({ userinfo_signed_response_alg: alg }), /RS256/);
    for (const alg of ['RS256', 'none'])
      expect((await post({ userinfo_signed_response_alg: alg })).json.userinfo_signed_response_alg).toBe(alg);
  });

  it('C11 subject_type', async () => {
    for (const type of ['foo', 'pairwise', 'Public']) expectHint(await post({ subject_type: type }), /subject_type/);
    expect((await post({ subject_type: 'public' })).status).toBe(201);
  });

  it('C12 redirect URIs have no fragment, and are not looked at otherwise', async () => {
    expectHint(await post({ redirect_uris: ['https://fine/', 'http://a/#x'] }), /redirect_uris/);
    expectHint(await post({ redirect_uris: ['http://a/#'] }), /redirect_uris/);
    const odd = ['redirect-url', '', ' ', 'http://[', 'com.example:/cb'];
    expect((await post({ redirect_uris: odd })).json.redirect_uris).toEqual(odd);
  });

  it.each([
    ['http://foo.com/', 'http://foo.com'],
    ['https://foo.com:8080', 'https://foo.com:8080'],
    ['http://*.foo.com', 'http://*.foo.com'],
    ['HTTP://Foo.com', 'http://Foo.com'],
  ])('C13 the origin %s is %s', async (sent, stored) => {
    const { status, json } = await post({ allowed_cors_origins: [sent] });
    expect([status, json.allowed_cors_origins]).toEqual([201, [stored]]);
  });

  it.each([
    ...['foo.com', 'http://u:p@foo.com', 'http://foo.com/a', 'http://foo.com?x=1', 'http://foo.com#f', '*'],
    ...['ftp://foo.com', 'http://u@foo.com', ''],
  ])('C13 %j is no origin', async (sent) => {
    const answer = await post({ allowed_cors_origins: ['https://fine', sent] });
    expectHint(answer, /allowed_cors_origins/);
    expect(answer.json.error_hint).toContain(`"${sent}"`);
  });

  it('C14 sector_identifier_uri: see sector-identifier.e2e.spec.ts; http is refused', async () => {
    const answer = await post({ sector_identifier_uri: 'http://sector.example/' });
    expectMalformed(answer);
  });

  it('C15 unknown members go, names match in any case', async () => {
    const { status, json } = await post({ Client_Name: 'x', OWNER: 'y', unknown: { a: 1 }, metadata_x: 2 });
    expect([status, json.client_name, json.owner]).toEqual([201, 'x', 'y']);
    expect(json).not.toHaveProperty('unknown');
  });

  it.each([
    ...['', ' ', 'not json', '[]', '"x"', '3', '{"client_name":1}', '{"redirect_uris":"x"}', '{"redirect_uris":[1]}'],
    ...['{"client_secret_expires_at":1.5}', '{"client_secret_expires_at":"3"}', '{"created_at":""}'],
    ...['{"created_at":1}', '{"updated_at":"yesterday"}', '{"jwks":[]}', '{"jwks":{"keys":{}}}'],
    ...['{"jwks":{"keys":[{}]}}', '{"jwks":{"keys":[{"kty":"oct","k":"a="}]}}'],
    ...['{"jwks":{"keys":[{"kty":"oct","k":"aa","k":"aa"}]}}', `{"client_id":"${'x'.repeat(256)}"}`],
    ...['{"subject_type":"pairwisepairwise"}', '{"token_endpoint_auth_method":"a-very-long-method-that-is-none"}'],
  ])('C16 %s', async (body) => {
    expectMalformed(await post(body));
    expectMalformed(await api('PUT', '/clients/nobody', body));
  });

  it('C16 null for a member is the same as none', async () => {
    const body = Object.fromEntries(Object.keys(full).map((name) => [name, null]));
    const { status, json } = await post(body);
    expect([status, json.scope, json.client_id]).toEqual([201, defaults.scope, uuid()]);
    expect(json).not.toHaveProperty('jwks');
  });

  it('C16 null in a list of strings is an empty string', async () => {
    const lists = { redirect_uris: [null], contacts: ['a', null], request_uris: [null], Audience: [null] };
    const { status, json } = await post({ client_id: 'c16-null', ...lists });
    expect(status).toBe(201);
    const stored = { redirect_uris: [''], contacts: ['a', ''], request_uris: [''], audience: [''] };
    expect(json).toMatchObject(stored);
    expect((await api('GET', '/clients/c16-null')).json).toMatchObject(stored);
    expectHint(await post({ allowed_cors_origins: [null] }), /allowed_cors_origins/);
    for (const nested of [[[null]], [{}]]) expectMalformed(await post({ contacts: nested }));
  });

  it('C16 lists and texts have no length of their own', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => `https://photos.example/${index}`);
    const { status, json } = await post({ request_uris: many, redirect_uris: many, owner: 'x'.repeat(50_000) });
    expect([status, json.request_uris.length, json.redirect_uris.length]).toEqual([201, 1001, 1001]);
  });

  it('C16 a member that is there twice, in whatever case: the last one counts', async () => {
    const names = await post('{"client_name":"a","Client_Name":"b"}');
    expect([names.status, names.json.client_name]).toEqual([201, 'b']);
    const keys = await post(`{"jwks":{"Keys":null,"keys":[${JSON.stringify(ecKey)}]}}`);
    expect([keys.status, keys.json.jwks]).toEqual([201, { keys: [ecKey] }]);
  });

  it('C16 the shape the Go SDK sends', async () => {
    const zero = '0001-01-01T00:00:00Z';
    const { status, json } = await post({ client_id: 'go', jwks: {}, created_at: zero, updated_at: zero });
    expect([status, json.jwks]).toEqual([201, { keys: null }]);
    expect(json.created_at).not.toBe(zero);
  });

  it('C17 the name in the path counts', async () => {
    await post({ client_id: 'c17-a' });
    const { status, json } = await api('PUT', '/clients/c17-a', { client_id: 'c17-b', client_name: 'n' });
    expect([status, json.client_id, json.client_name]).toEqual([200, 'c17-a', 'n']);
    expectNoRow(await api('GET', '/clients/c17-b'));
  });

  it('C18 C19 the secret stays unless a new one comes', async () => {
    const grant = { client_id: 'c18', grant_types: ['client_credentials'] };
    await post({ ...grant, client_secret: 'the-first' });
    const kept = await api('PUT', '/clients/c18', grant);
    expect(kept.status).toBe(200);
    expect(kept.json).not.toHaveProperty('client_secret');
    expect((await token('c18', 'the-first')).status).toBe(200);
    const changed = await api('PUT', '/clients/c18', { ...grant, client_secret: 'the-second' });
    expect([changed.status, changed.json.client_secret]).toEqual([200, 'the-second']);
    expect((await token('c18', 'the-first')).status).toBe(401);
    expect((await token('c18', 'the-second')).status).toBe(200);
  });

  it('C19 a new secret is echoed to a public client, too, and one too short changes nothing', async () => {
    const isPublic = { client_id: 'c19', token_endpoint_auth_method: 'none' };
    expect((await post(isPublic)).json).not.toHaveProperty('client_secret');
    expect((await api('PUT', '/clients/c19', { ...isPublic, client_secret: 'the-first' })).json.client_secret).toBe(
      'the-first',
    );
    const before = (await api('GET', '/clients/c19')).text;
    expectHint(await api('PUT', '/clients/c19', { client_name: 'other', client_secret: '12345' }), /6/);
    expect((await api('GET', '/clients/c19')).text).toBe(before);
  });

  it('C20 a PUT replaces everything, but for created_at', async () => {
    const created = await post({ ...full, client_id: 'c20' });
    const put = await api('PUT', '/clients/c20', { client_name: 'bare' });
    expect([put.json.contacts, put.json.scope, put.json.jwks]).toEqual([null, defaults.scope, undefined]);
    const { json } = await api('GET', '/clients/c20');
    expect(json).toEqual({ ...defaults, client_id: 'c20', client_name: 'bare' });
    expect([put.json.created_at, json.created_at]).toEqual([created.json.created_at, created.json.created_at]);
  });

  it('C21 of an unknown client', async () => {
    expectNoRow(await api('PUT', '/clients/unknown', { client_name: 'x' }));
    expectHint(await api('PUT', '/clients/unknown', { client_secret: '12345' }), /6/);
    expectNoRow(await api('GET', '/clients/unknown'));
  });

  it('C22 a deletion, twice', async () => {
    await post({ client_id: 'c22' });
    expectNothing(await api('DELETE', '/clients/c22', 'this body is not looked at'));
    expectNoRow(await api('GET', '/clients/c22'));
    expectNothing(await api('DELETE', '/clients/c22'));
  });

  it('C23 a deletion ends the tokens', async () => {
    const client = await running.authority.createClient();
    const { json } = await token(client.id, client.secret);
    expect(await running.authority.isActive(json.access_token)).toBe(true);
    expectNothing(await api('DELETE', `/clients/${client.id}`));
    expect((await running.authority.introspect(json.access_token)).text).toBe('{"active":false}');
  });

  it.each([
    ['GET', '/clients/nobody', undefined],
    ['PUT', '/clients/nobody', '{}'],
    ['GET', '/keys/nothing', undefined],
    ['GET', '/keys/nothing/at-all', undefined],
    ['GET', '/oauth2/auth/requests/login/nothing', undefined],
    ['PUT', '/oauth2/auth/requests/consent/nothing/accept', '{}'],
    ['DELETE', '/oauth2/auth/sessions/consent/nobody', undefined],
  ])('C26 X-Request-Id comes back in the body: %s %s', async (method, path, body) => {
    for (const id of ['foo', '<"&>', 'x'.repeat(1000)]) {
      const answer = await running.authority.admin(method, path, body, { 'x-request-id': id });
      expect([answer.status, answer.json.request_id]).toEqual([404, id]);
    }
    const { json, headers } = await api(method, path, body);
    expect(json.request_id).toBe(headers.get('x-request-id'));
  });
});
