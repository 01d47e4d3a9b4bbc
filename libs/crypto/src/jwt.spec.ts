import { createHmac, createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';

import { type Jwk, parseJwk, publicJwk } from './jwk.js';
import { JwtSigner, readUnverifiedJwt, verifyJwt, verifyJwtSignature } from './jwt.js';
import { crtMembers } from './rsa.js';

const now = new Date('2026-05-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const complete = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const { dp, dq, qi, ...members } = complete;
const privateKey = parseJwk({ ...members, kid: 'private:a', use: 'enc', alg: 'HS256' });
const publicKey: Jwk = { ...publicJwk(privateKey), kid: 'public:a' };
const otherKey = publicJwk(
  parseJwk({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'b' }),
);

const sign = (claims: { [name: string]: string | number }): Promise<string> =>
  new JwtSigner().sign(claims, { privateJwk: privateKey, secretId: 'secret-1', kid: 'public:a' });
const verify = (token: string, keys: Jwk[] = [otherKey, publicKey], ignoreExpiry = false) =>
  verifyJwt(token, keys, { ignoreExpiry, now });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const partOf = (token: string, index: number): unknown =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString());

describe('JwtSigner', () => {
  it('signs with an RSA key that has no CRT members, whatever its alg and use', async () => {
    const token = await sign({ sub: 'ä' });
    expect(partOf(token, 0)).toEqual({ alg: 'RS256', kid: 'public:a', typ: 'JWT' });
    expect(await verify(token)).toEqual({ sub: 'ä' });
  });

  it('keeps the key of a secret until it is forgotten', async () => {
    const signer = new JwtSigner();
    const first = await signer.sign({ a: 1 }, { privateJwk: privateKey, secretId: 's', kid: 'k' });
    expect(await signer.sign({ a: 1 }, { privateJwk: otherKey, secretId: 's', kid: 'k' })).toBe(first); // RS256 is deterministic
    signer.forget('s');
    await expect(signer.sign({}, { privateJwk: otherKey, secretId: 's', kid: 'k' })).rejects.toMatchObject({
      code: 'unusable_signing_key',
    });
    expect(await signer.sign({ a: 1 }, { privateJwk: privateKey, secretId: 's', kid: 'k' })).toBe(first);
  });

  it('refuses keys that cannot sign RS256', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' });
    for (const key of [publicKey, parseJwk({ kty: 'oct', k: 'AAAA' }), parseJwk(small)]) {
      await expect(new JwtSigner().sign({}, { privateJwk: key, secretId: 's', kid: 'k' })).rejects.toMatchObject({
        code: 'unusable_signing_key',
      });
    }
  });

  it('computes the CRT members as OpenSSL does', () => {
    const { n = '', e = '', d = '', p = '', q = '' } = members;
    expect(crtMembers({ n, e, d, p, q })).toEqual({ dp, dq, qi });
    expect(crtMembers({ n, e, d, p: q, q: p })).toMatchObject({ dp: dq, dq: dp });
  });
});

describe('verifyJwt', () => {
  it('picks the key by kid, and tries each without one', async () => {
    const token = await sign({ sub: 'alice' });
    expect(await verify(token, [{ ...otherKey, kid: 'public:a' }, publicKey])).toEqual({ sub: 'alice' });
    expect(await verify(token, [{ ...publicKey, kid: 'c' }])).toBeUndefined();
    const { privateKey: key, publicKey: half } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const withoutKid = await new SignJWT({ sub: 'bob' }).setProtectedHeader({ alg: 'RS256' }).sign(key);
    expect(await verify(withoutKid, [otherKey, parseJwk(half.export({ format: 'jwk' }))])).toEqual({ sub: 'bob' });
    expect(await verify(withoutKid)).toBeUndefined();
  });

  it('heeds exp and nbf to the second', async () => {
    expect(await verify(await sign({ exp: seconds + 1 }))).toEqual({ exp: seconds + 1 });
    expect(await verify(await sign({ exp: seconds }))).toBeUndefined();
    expect(await verify(await sign({ exp: 'never' }))).toBeUndefined();
    expect(await verify(await sign({ nbf: seconds }))).toEqual({ nbf: seconds });
    expect(await verify(await sign({ nbf: seconds + 1 }))).toBeUndefined();
  });

  it('ignores exp on demand, never nbf', async () => {
    expect(await verify(await sign({ exp: 1 }), [publicKey], true)).toEqual({ exp: 1 });
    expect(await verify(await sign({ nbf: seconds + 1 }), [publicKey], true)).toBeUndefined();
  });

  it('refuses altered tokens', async () => {
    const [header = '', payload = '', signature = ''] = (await sign({ sub: 'alice' })).split('.');
    expect(await verify(`${header}.${encode({ sub: 'bob' })}.${signature}`)).toBeUndefined();
    expect(await verify(`${header}.${payload}.`)).toBeUndefined();
    expect(await verify(`${header}.${payload}.${signature.slice(0, -4)}AAAA`)).toBeUndefined();
  });

  it('takes no other algorithm: none, and HS256 keyed with the public key', async () => {
    const claims = encode({ sub: 'alice' });
    const unsigned = `${encode({ alg: 'none', kid: 'public:a' })}.${claims}.`;
    const confused = `${encode({ alg: 'HS256', kid: 'public:a' })}.${claims}`;
    const mac = createHmac('sha256', publicKey.n ?? '')
      .update(confused)
      .digest('base64url');
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rs512 = await new SignJWT({}).setProtectedHeader({ alg: 'RS512', kid: 'public:a' }).sign(key);
    for (const token of [unsigned, `${confused}.${mac}`, rs512]) expect(await verify(token)).toBeUndefined();
  });

  it.each(['', '.', '..', 'a.b.c', 'é.é.é', `${encode(null)}.${encode({})}.x`, `${encode({ kid: 1 })}.e30.x`])(
    'is undefined for garbage: "%s"',
    async (token) => {
      expect(await verify(token)).toBeUndefined();
    },
  );

  it('refuses an unencoded payload (RFC 7797 section 7)', async () => {
    const signed = `${encode({ alg: 'RS256', b64: false, crit: ['b64'] })}.{"sub":"alice"}`;
    const key = createPrivateKey({ format: 'jwk', key: complete });
    const token = `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`;
    expect(await verify(token)).toBeUndefined();
  });

  it('skips keys of other types', async () => {
    const keys: Jwk[] = [{ kty: 'oct', kid: 'public:a' }, { kty: 'RSA', kid: 'public:a' }, publicKey];
    expect(await verify(await sign({ sub: 'a' }), keys)).toEqual({ sub: 'a' });
    expect(await verify(await sign({ sub: 'a' }), [])).toBeUndefined();
  });
});

describe('verifyJwtSignature', () => {
  it('leaves times to the caller', async () => {
    const claims = { exp: 1, nbf: seconds + 60, sub: 'a' };
    expect(await verifyJwtSignature(await sign(claims), [otherKey, publicKey])).toEqual(claims);
  });

  it('is undefined for another key, no key, and a changed token', async () => {
    const token = await sign({ sub: 'a' });
    const [header, , signature] = token.split('.');
    expect(await verifyJwtSignature(token, [{ ...otherKey, kid: 'public:a' }])).toBeUndefined();
    expect(await verifyJwtSignature(token, [])).toBeUndefined();
    expect(await verifyJwtSignature(`${header}.${encode({ sub: 'b' })}.${signature}`, [publicKey])).toBeUndefined();
    expect(await verifyJwtSignature('a.b.c', [publicKey])).toBeUndefined();
  });
});

describe('readUnverifiedJwt', () => {
  it('reads what is said, true or not', async () => {
    expect(readUnverifiedJwt(await sign({ sub: 'a' }))).toEqual({
      alg: 'RS256',
      kid: 'public:a',
      claims: { sub: 'a' },
    });
    const unsigned = `${encode({ alg: 'none', kid: 1 })}.${encode({ sub: 'a' })}.`;
    expect(readUnverifiedJwt(unsigned)).toEqual({ alg: 'none', kid: undefined, claims: { sub: 'a' } });
  });

  it.each([
    ...['', 'a', 'a.b.c', `${encode({})}.${encode({})}`, `${encode([])}.${encode({})}.a`, 'a.b.c.d.e'],
    ...[`${encode({})}.${encode([])}.a`, `${encode({})}.${encode('a')}.a`, `${encode({})}.${encode(null)}.a`],
  ])('is undefined for %j', (token) => expect(readUnverifiedJwt(token)).toBeUndefined());
});
