import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expectError, expectMalformed, expectNoRow, expectNotFound, expectNothing, uuid } from './expectations.js';

const oct = (kid: string, extra: object = {}): object => ({ kty: 'oct', kid, k: 'c2VjcmV0', ...extra });
const ec = {
  ...{ use: 'sig', kty: 'EC', kid: 'ec', crv: 'P-256' },
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};
const okp = { kty: 'OKP', kid: 'ed', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

/** Bodies of one key that are none. */
const notKeys: readonly string[] = [
  ...['{}', 'null', '', '[]', '"x"', '{', '{"kty":"oct"}', '{"kty":"OCT","k":"aa"}', '{"Kty":"oct","k":"aa"}'],
  ...['{"kty":"oct","k":"aa="}', '{"kty":"oct","k":"a"}', '{"kty":"oct","k":"a+b/"}', '{"kty":"oct","k":1}'],
  ...[
    '{"kty":"oct","k":"aa","k":"aa"}',
    '{"kty":"oct","k":"aa","kid":"1","k\\u0069d":"2"}',
    '{"kty":"RSA","e":"AQAB"}',
  ],
  ...['{"kty":"oct","k":"aa","kid":7}', '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', '{"k":"aa"}'],
  ...[
    JSON.stringify({ ...ec, crv: 'P-192' }),
    JSON.stringify({ ...ec, y: ec.x }),
    JSON.stringify({ ...okp, crv: 'X' }),
  ],
  ...['{"kty":"oct","k":"aa","x5c":["no certificate"]}', '{"kty":"oct","k":"aa","x5c":"x"}'],
];

describe('keys (admin-api.md 5.2)', () => {
  const running = runningAuthority();
  const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
    running.authority.admin(method, path, body);
  const kids = async (set: string): Promise<string[]> =>
    (await api('GET', `/keys/${set}`)).json.keys.map(({ kid }: { kid: string }) => kid);

  it('K1 K2 K3 K4 a key made, read, replaced, deleted', async () => {
    const made = await api('POST', '/keys/set-foo', { alg: 'HS256', kid: 'key-bar', use: 'sig' });
    expect([made.status, made.headers.get('location'), made.headers.get('content-type')]).toEqual([
      ...[201, '/keys/set-foo', 'application/json'],
    ]);
    const key = { use: 'sig', kty: 'oct', kid: 'key-bar', alg: 'HS256', k: expect.stringMatching(/^[\w-]{22}$/) };
    expect(made.json).toEqual({ keys: [key] });
    expect(Object.keys(made.json.keys[0])).toEqual(['use', 'kty', 'kid', 'alg', 'k']);
    const read = await api('GET', '/keys/set-foo/key-bar');
    expect([read.status, read.headers.get('content-type'), read.text]).toEqual([200, 'application/json', made.text]);
    const changed = { ...made.json.keys[0], alg: 'RS256' };
    const put = await api('PUT', '/keys/set-foo/key-bar', changed);
    expect([put.status, put.json]).toEqual([200, changed]);
    expect((await api('GET', '/keys/set-foo/key-bar')).json).toEqual({ keys: [changed] });
    expectNothing(await api('DELETE', '/keys/set-foo/key-bar', 'this body is not looked at'));
    expectNoRow(await api('GET', '/keys/set-foo/key-bar'));
    expectNothing(await api('DELETE', '/keys/set-foo/key-bar'));
  });

  it('K5 no use', async () => {
    const { status, json } = await api('POST', '/keys/k5', { alg: 'HS256', kid: 'key-bar' });
    expect([status, Object.keys(json.keys[0])]).toEqual([201, ['kty', 'kid', 'alg', 'k']]);
  });

  it('K6 K12 K22 a pair of RSA keys, found by their whole kids', async () => {
    const { status, json } = await api('POST', '/keys/k6', { alg: 'RS256', kid: 'foo', use: 'sig', other: 1 });
    const [secret, open] = json.keys;
    expect([status, json.keys.length]).toEqual([201, 2]);
    expect(Object.keys(secret)).toEqual(['use', 'kty', 'kid', 'alg', 'n', 'e', 'd', 'p', 'q']);
    expect(Object.keys(open)).toEqual(['use', 'kty', 'kid', 'alg', 'n', 'e']);
    expect([secret.kid, open.kid, secret.alg, open.alg]).toEqual(['private:foo', 'public:foo', 'RS256', 'RS256']);
    expect([Buffer.from(open.n, 'base64url').length, secret.n]).toEqual([512, open.n]);
    expectNoRow(await api('GET', '/keys/k6/foo'));
    const one = await api('GET', '/keys/k6/public%3Afoo');
    expect([one.status, one.json]).toEqual([200, { keys: [open] }]);
  });

  it('K7 K8 a pair of EC keys, and a long secret with a name of its own', async () => {
    const pair = await api('POST', '/keys/k7', { alg: 'ES512', kid: 'e', use: 'enc' });
    const shared = { use: 'enc', kty: 'EC', crv: 'P-521', x: expect.any(String), y: expect.any(String) };
    expect([pair.status, pair.json.keys]).toEqual([
      201,
      [
        { ...shared, kid: 'private:e', d: expect.any(String) },
        { ...shared, kid: 'public:e' },
      ],
    ]);
    const { status, json } = await api('POST', '/keys/k7', { alg: 'HS512' });
    expect([status, json.keys]).toEqual([
      201,
      [{ kty: 'oct', kid: uuid(), alg: 'HS512', k: expect.stringMatching(/^[\w-]{43}$/) }],
    ]);
  });

  it.each(['ES256', 'rs256', '', 'none', 'RS256 '])('K9 alg %j', async (alg) =>
    expectMalformed(await api('POST', '/keys/k9', { alg, kid: 'x' })),
  );

  it.each(['', '{}', 'null', '[]', '{"alg":256}', '{"alg":"HS256","kid":7}', '{"alg":"HS256","use":[]}', 'HS256'])(
    'K9 the body %j makes no key',
    async (body) => {
      expectMalformed(await api('POST', '/keys/k9', body));
      expectNotFound(await api('GET', '/keys/k9'));
    },
  );

  it('K10 the same kid again, here and in another set', async () => {
    const body = { alg: 'HS256', kid: 'same' };
    const first = await api('POST', '/keys/k10', body);
    expectError(await api('POST', '/keys/k10', body), 409, /exists/);
    expect((await api('GET', '/keys/k10')).text).toBe(first.text);
    expect((await api('POST', '/keys/k10-other', body)).status).toBe(201);
    await api('POST', '/keys/k10', { alg: 'ES512', kid: 'p' });
    expectError(await api('POST', '/keys/k10', { alg: 'ES512', kid: 'p' }), 409, /exists/);
    expect(await kids('k10')).toEqual(['private:p', 'public:p', 'same']);
  });

  it('K1 K6 a kid has 255 characters at most, its prefix included', async () => {
    const post = (alg: string, characters: number) =>
      api('POST', '/keys/k6-long', { alg, kid: 'x'.repeat(characters), use: 'u'.repeat(300) });
    const { status, json } = await post('HS256', 255);
    expect([status, json.keys[0].use.length]).toEqual([201, 300]);
    expect((await api('GET', `/keys/k6-long/${'x'.repeat(255)}`)).status).toBe(200);
    expect((await post('ES512', 247)).status).toBe(201);
    expect((await api('GET', `/keys/k6-long/private%3A${'x'.repeat(247)}`)).status).toBe(200);
    const before = (await api('GET', '/keys/k6-long')).text;
    for (const [alg, characters] of [
      ['HS256', 256],
      ['ES512', 248],
      ['RS256', 248],
    ] as const)
      expectMalformed(await post(alg, characters));
    expect((await api('GET', '/keys/k6-long')).text).toBe(before);
  });

  it('K11 newest first', async () => {
    for (const kid of ['a', 'b']) await api('POST', '/keys/k11', { alg: 'HS256', kid });
    expect(await kids('k11')).toEqual(['b', 'a']);
  });

  it('K12 what is not there', async () => {
    await api('POST', '/keys/k12', { alg: 'HS256', kid: 'there' });
    expectNotFound(await api('GET', '/keys/unknown'));
    expectNoRow(await api('GET', '/keys/unknown/there'));
    for (const kid of ['unknown', 'There', 'there%20']) expectNoRow(await api('GET', `/keys/k12/${kid}`));
  });

  it('K13 a set in place of another', async () => {
    await api('POST', '/keys/k13', { alg: 'HS256', kid: 'y' });
    const put = await api('PUT', '/keys/k13', { Keys: [oct('x', { key_ops: ['sign'], x5t: 'x' }), ec, okp] });
    expect([put.status, put.json]).toEqual([200, { keys: [oct('x'), ec, okp] }]);
    expect([...(await kids('k13'))].sort()).toEqual(['ec', 'ed', 'x']);
    expectNoRow(await api('GET', '/keys/k13/y'));
  });

  it.each([
    ['{}', '{"keys":null}'],
    ['null', '{"keys":null}'],
    ['{"keys":null}', '{"keys":null}'],
    ['{"keys":[]}', '{"keys":[]}'],
  ])('K14 PUT of %s empties the set', async (body, echo) => {
    await api('PUT', '/keys/k14', { keys: [oct('x')] });
    const put = await api('PUT', '/keys/k14', body);
    expect([put.status, put.text]).toEqual([200, echo]);
    expectNotFound(await api('GET', '/keys/k14'));
    expectNoRow(await api('GET', '/keys/k14/x'));
  });

  it.each(notKeys.filter((text) => text !== '' && text !== '{'))('K15 a set with %s stays as it was', async (text) => {
    await api('PUT', '/keys/k15', { keys: [oct('x')] });
    expectMalformed(await api('PUT', '/keys/k15', `{"keys":[${JSON.stringify(oct('y'))},${text}]}`));
    expect(await kids('k15')).toEqual(['x']);
  });

  it.each(['', '[]', '{"keys":{}}', '{"keys":[', '"x"', '7'])('K15 %j is no set', async (text) => {
    await api('PUT', '/keys/k15', { keys: [oct('x')] });
    expectMalformed(await api('PUT', '/keys/k15', text));
    expect(await kids('k15')).toEqual(['x']);
  });

  it('K15 a member twice is seen whatever the content type says', async () => {
    await api('PUT', '/keys/k15', { keys: [oct('x')] });
    const twice = '{"kty":"oct","kid":"y","k":"aaaa","k":"bbbb"}';
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=x', 'text/plain']) {
      const headers = { 'content-type': type };
      expectMalformed(await running.authority.admin('PUT', '/keys/k15', `{"keys":[${twice}]}`, headers));
      expectMalformed(await running.authority.admin('PUT', '/keys/k15/y', twice, headers));
    }
    expect(await kids('k15')).toEqual(['x']);
  });

  it('K14 of two members keys the last one counts', async () => {
    const keys = JSON.stringify([oct('x')]);
    expect((await api('PUT', '/keys/k14-twice', `{"KEYS":null,"keys":${keys}}`)).json).toEqual({ keys: [oct('x')] });
    expect((await api('PUT', '/keys/k14-twice', `{"keys":${keys},"KEYS":null}`)).text).toBe('{"keys":null}');
    expectNotFound(await api('GET', '/keys/k14-twice'));
  });

  it('K16 two keys of one kid, or of none', async () => {
    await api('PUT', '/keys/k16', { keys: [oct('x')] });
    for (const kid of ['twice', '']) {
      expectError(await api('PUT', '/keys/k16', { keys: [oct(kid), oct('other'), oct(kid)] }), 409, /exists/);
      expect(await kids('k16')).toEqual(['x']);
    }
  });

  it('K17 K18 the kid in the body counts', async () => {
    const added = await api('PUT', '/keys/k17/p', oct('p')); // the set is new
    expect([added.status, added.json]).toEqual([200, oct('p')]);
    const other = await api('PUT', '/keys/k17/p', oct('q', { alg: 'anything', use: 'whatever' }));
    expect([other.status, other.json.kid]).toEqual([200, 'q']);
    expect((await api('GET', '/keys/k17/p')).json).toEqual({ keys: [oct('p')] });
    expect((await api('GET', '/keys/k17/q')).json).toEqual({ keys: [other.json] });
  });

  it.each(notKeys)('K19 %s is no key', async (text) => {
    expectMalformed(await api('PUT', '/keys/k19/k', text));
    expectNotFound(await api('GET', '/keys/k19'));
  });

  it('K19 an empty secret is left out; what follows the key is not looked at', async () => {
    expect((await api('PUT', '/keys/k19-odd/k', '{"kty":"oct","kid":"k","k":""}')).json).toEqual({
      kty: 'oct',
      kid: 'k',
    });
    const trailing = '{"kty":"oct","kid":"t","k":"aaaa","x5c":[]} {"kty":"oct"';
    expect((await api('PUT', '/keys/k19-odd/t', trailing)).json).toEqual({ kty: 'oct', kid: 't', k: 'aaaa' });
  });

  it('K20 a set is there as long as one of its keys is', async () => {
    await api('PUT', '/keys/k20', { keys: [oct('a'), oct('b')] });
    expectNothing(await api('DELETE', '/keys/k20/a'));
    expect(await kids('k20')).toEqual(['b']);
    expectNothing(await api('DELETE', '/keys/k20/b'));
    expectNotFound(await api('GET', '/keys/k20'));
  });

  it('K21 a set deleted, twice', async () => {
    await api('PUT', '/keys/k21', { keys: [oct('a')] });
    expectNothing(await api('DELETE', '/keys/k21'));
    expectNothing(await api('DELETE', '/keys/k21'));
    expectNotFound(await api('GET', '/keys/k21'));
    expectNoRow(await api('GET', '/keys/k21/a'));
    expect((await api('POST', '/keys/k21', { alg: 'HS256', kid: 'a' })).status).toBe(201);
  });

  it('K22 unknown members of a key go', async () => {
    const { json } = await api('PUT', '/keys/k22/x', oct('x', { key_ops: ['sign'], ext: true, Alg: 'HS256' }));
    expect(json).toEqual(oct('x'));
  });

  it('K23 a new signing key signs at once, and both are published', async () => {
    const published = async (): Promise<string[]> =>
      (
        (await (await fetch(`${running.publicUrl}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }
      ).keys.map(({ kid }) => kid);
    const before = await published();
    const made = await api('POST', '/keys/hydra.openid.id-token', { alg: 'RS256', use: 'sig' });
    const kid = made.json.keys[1].kid as string;
    expect([...(await published())].sort()).toEqual([...before, kid].sort());
    const client = await running.authority.createClient();
    const { id_token: idToken = '' } = await running.authority.obtainTokens(client, { subject: 'u' });
    expect([decodeProtectedHeader(idToken).kid, decodeJwt(idToken).sub]).toEqual([kid, 'u']);
  });

  it('K23 the set that signs is deleted: 204, and a new key signs', async () => {
    expectNothing(await api('DELETE', '/keys/hydra.openid.id-token'));
    expect(await kids('hydra.openid.id-token')).toEqual([
      expect.stringMatching(/^private:/),
      expect.stringMatching(/^public:/),
    ]);
    const client = await running.authority.createClient();
    expect(await running.authority.obtainTokens(client)).toHaveProperty('id_token');
  });
});
