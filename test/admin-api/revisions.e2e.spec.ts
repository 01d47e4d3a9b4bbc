import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const admin = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  running.authority.admin(method, path, body, headers);
const tagOf = async (path: string): Promise<string> => (await admin('GET', path)).headers.get('etag') ?? '';
const ifMatch = (tag: string): Record<string, string> => ({ 'if-match': tag });

describe.each(['', '/admin'])('the revision of a client, at %s/clients (RFC 9110 13.1.1)', (prefix) => {
  const path = `${prefix}/clients/revised`;
  const replace = async (tag: string): Promise<number> => (await admin('PUT', path, {}, ifMatch(tag))).status;

  it('is in its ETag, and lets one of two writers win', async () => {
    await admin('POST', '/clients', { client_id: 'revised', client_secret: 'correct-horse' });
    const tag = await tagOf(path);
    expect(tag).toMatch(/^"\d+"$/);
    expect([await replace(tag), await replace(tag)]).toEqual([200, 412]);
    expect(await replace(`"other", ${await tagOf(path)}`)).toBe(200);
    expect([await replace('*'), await replace(`W/${await tagOf(path)}`)]).toEqual([200, 412]);
    expect(await replace('not quoted')).toBe(400);
  });

  it('changes with the secret, not with another hash of it', async () => {
    const tag = await tagOf(path);
    await running.authority.form(
      '/oauth2/token',
      { grant_type: 'client_credentials' },
      { id: 'revised', secret: 'correct-horse' },
    );
    expect(await tagOf(path)).toBe(tag);
    await admin('PUT', path, { client_secret: 'another-secret' });
    expect(await tagOf(path)).not.toBe(tag);
    expect(await replace(await tagOf(path))).toBe(200);
  });

  it('decides a deletion; a client created again has another one', async () => {
    const first = await tagOf(path);
    await admin('PUT', path, {});
    expect((await admin('DELETE', path, undefined, ifMatch(first))).status).toBe(412);
    const last = await tagOf(path);
    expect((await admin('DELETE', path, undefined, ifMatch(last))).status).toBe(204);
    expect(await replace('*')).toBe(404);
    await admin('POST', '/clients', { client_id: 'revised' });
    expect(await replace(last)).toBe(412);
    expect((await admin('DELETE', path, undefined, ifMatch('*'))).status).toBe(204);
  });
});

it('If-Match on PATCH: 412 when somebody was faster', async () => {
  await admin('POST', '/clients', { client_id: 'patched' });
  const path = '/admin/clients/patched';
  const tag = await tagOf(path);
  const patch = async (): Promise<number> =>
    (await admin('PATCH', path, [{ op: 'replace', path: '/owner', value: 'x' }], ifMatch(tag))).status;
  expect([await patch(), await patch()]).toEqual([200, 412]);
});

it('the answers of POST and PATCH name the revision they made; that of PUT does not (RFC 9110 9.3.4)', async () => {
  const created = await admin('POST', '/clients', { client_id: 'tagged' });
  const tag = created.headers.get('etag') ?? '';
  expect(tag).toBe(await tagOf('/clients/tagged'));
  const path = '/admin/clients/tagged';
  const patch = [{ op: 'add', path: '/client_secret', value: 'another-secret' }];
  const patched = await admin('PATCH', path, patch, ifMatch(tag));
  expect([patched.status, patched.headers.get('etag')]).toEqual([200, await tagOf(path)]);
  const replaced = await admin('PUT', path, {}, ifMatch(await tagOf(path)));
  expect([replaced.status, replaced.headers.get('etag')]).toEqual([200, null]);
});

describe.each(['', '/admin'])('the revisions of keys, at %s/keys', (prefix) => {
  const set = `${prefix}/keys/revised`;
  const create = (kid: string): Promise<Answer> => admin('POST', '/keys/revised', { alg: 'HS256', kid });

  it('one of the set, changed with any key', async () => {
    await create('a');
    const tag = await tagOf(set);
    await create('b');
    const { json } = await admin('GET', set);
    expect((await admin('PUT', set, json, ifMatch(tag))).status).toBe(412);
    expect((await admin('PUT', set, json, ifMatch(await tagOf(set)))).status).toBe(200);
  });

  it('one of each key, changed with that key', async () => {
    const tag = await tagOf(`${set}/a`);
    const [key] = (await admin('GET', `${set}/a`)).json.keys;
    await create('c');
    expect(await tagOf(`${set}/a`)).toBe(tag);
    const replace = async (): Promise<number> => (await admin('PUT', `${set}/a`, key, ifMatch(tag))).status;
    expect([await replace(), await replace()]).toEqual([200, 412]);
    expect((await admin('DELETE', `${set}/a`, undefined, ifMatch(tag))).status).toBe(412);
    expect((await admin('GET', `${set}/a`)).json.keys).toEqual([key]);
    expect((await admin('DELETE', `${set}/a`, undefined, ifMatch(await tagOf(`${set}/a`)))).status).toBe(204);
    expect((await admin('PUT', `${set}/a`, key, ifMatch('*'))).status).toBe(412);
  });

  it('decides the deletion of a set', async () => {
    const stale = await tagOf(set);
    await create('d');
    expect((await admin('DELETE', set, undefined, ifMatch(stale))).status).toBe(412);
    expect((await admin('DELETE', set, undefined, ifMatch(await tagOf(set)))).status).toBe(204);
    expect((await admin('DELETE', set, undefined, ifMatch('*'))).status).toBe(412);
  });
});

describe('Hydrant-Min-Position', () => {
  const read = (path: string, position: string, method = 'GET'): Promise<Answer> =>
    admin(method, path, method === 'POST' ? 'token=x' : undefined, {
      'hydrant-min-position': position,
      ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    });

  it('of a write is there for the next read', async () => {
    const created = await admin('POST', '/clients', { client_id: 'positioned' });
    const position = created.headers.get('hydrant-position') ?? '';
    expect((await read('/clients/positioned', position)).status).toBe(200);
    expect((await read('/admin/oauth2/introspect', position, 'POST')).json).toEqual({ active: false });
  });

  it.each(['/clients/positioned', '/admin/clients', '/keys/none'])('malformed is 400: %s', async (path) => {
    for (const position of ['x', '-1', '1.5', '99999999999999999999']) {
      expect(await read(path, position)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    }
    const introspection = await read('/oauth2/introspect', 'x', 'POST');
    expect(introspection).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(introspection.json).not.toHaveProperty('request_id');
  });

  it.each(['/health/alive', '/health/ready', '/version', '/openapi.json'])(
    'is nothing to %s, which depends on nothing stored',
    async (path) => {
      for (const position of ['x', '9007199254740991']) expect((await read(path, position)).status).toBe(200);
    },
  );

  it('that the log has not reached is 503 after a while', async () => {
    const answer = await read('/clients/positioned', '9007199254740991');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});
