import { describe, expect, it } from '@jest/globals';

import { hasPrivatePart, parseJwk, publicJwk } from './jwk.js';
import { generateKeys, generatePrivateKey } from './jwk-generation.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const bytes = (value: string | undefined): number => Buffer.byteLength(value ?? '', 'base64url');

describe('generateKeys', () => {
  it('makes an RS256 pair of 4096 bits, private first, without CRT members', async () => {
    const keys = await generateKeys({ alg: 'RS256', kid: 'foo', use: 'sig' });
    expect(keys.map((key) => Object.keys(key))).toEqual([
      ['use', 'kty', 'kid', 'alg', 'n', 'e', 'd', 'p', 'q'],
      ['use', 'kty', 'kid', 'alg', 'n', 'e'],
    ]);
    expect(keys).toMatchObject([
      { use: 'sig', kty: 'RSA', kid: 'private:foo', alg: 'RS256', e: 'AQAB' },
      { use: 'sig', kty: 'RSA', kid: 'public:foo', alg: 'RS256', e: 'AQAB' },
    ]);
    expect(keys.map((key) => bytes(key.n))).toEqual([512, 512]);
    expect(keys.map(parseJwk)).toEqual(keys);
  });

  it('makes ES512 pairs on P-521 without alg, always in full length', async () => {
    const [privateKey, publicKey] = await generateKeys({ alg: 'ES512', kid: 'e', use: 'enc' });
    expect(Object.keys(privateKey ?? {})).toEqual(['use', 'kty', 'kid', 'crv', 'x', 'y', 'd']);
    expect(privateKey).toMatchObject({ use: 'enc', kty: 'EC', kid: 'private:e', crv: 'P-521' });
    expect(publicKey).toEqual({ ...publicJwk(parseJwk(privateKey)), kid: 'public:e' });
    for (let round = 0; round < 50; round += 1) {
      const keys = await generateKeys({ alg: 'ES512', kid: 'e', use: '' });
      expect(keys.map(parseJwk)).toEqual(keys);
      expect([bytes(keys[0]?.d), bytes(keys[0]?.x), bytes(keys[0]?.y)]).toEqual([66, 66, 66]);
    }
  });

  it.each([
    { alg: 'HS256', length: 16 },
    { alg: 'HS512', length: 32 },
  ])('makes one $alg key of $length bytes, its kid without a prefix', async ({ alg, length }) => {
    const keys = await generateKeys({ alg, kid: 'bar', use: '' });
    expect(keys).toEqual([{ kty: 'oct', kid: 'bar', alg, k: expect.any(String) }]);
    expect(bytes(keys[0]?.k)).toBe(length);
    expect(keys.map(hasPrivatePart)).toEqual([true]);
  });

  it('draws a kid where none is given, the same for both halves', async () => {
    const [only] = await generateKeys({ alg: 'HS256', kid: '', use: '' });
    expect(only?.kid).toMatch(uuid);
    const [privateKey, publicKey] = await generateKeys({ alg: 'ES512', kid: '', use: '' });
    expect(publicKey?.kid).toBe(privateKey?.kid?.replace('private:', 'public:'));
    expect(publicKey?.kid?.replace('public:', '')).toMatch(uuid);
  });

  it.each(['ES256', 'rs256', '', 'none'])('refuses alg "%s"', async (alg) => {
    await expect(generateKeys({ alg, kid: 'a', use: '' })).rejects.toMatchObject({ code: 'unknown_algorithm' });
  });
});

describe('generatePrivateKey', () => {
  it.each([
    ['RS256', 'RSA', undefined],
    ['RS384', 'RSA', undefined],
    ['RS512', 'RSA', undefined],
    ['PS256', 'RSA', undefined],
    ['PS384', 'RSA', undefined],
    ['PS512', 'RSA', undefined],
    ['ES256', 'EC', 'P-256'],
    ['ES384', 'EC', 'P-384'],
    ['ES512', 'EC', 'P-521'],
    ['EdDSA', 'OKP', 'Ed25519'],
  ])('makes one usable private key for %s', async (alg, kty, crv) => {
    const [key, ...others] = await generatePrivateKey({ alg, kid: 'k', use: '' });
    expect(others).toEqual([]);
    expect(key).toMatchObject({ kty, alg, kid: 'k', use: 'sig' });
    expect(key?.crv).toBe(crv);
    expect(parseJwk(key)).toEqual(key);
  });

  it('gives a kid where there is none, keeps the use, and knows no HMAC', async () => {
    expect(await generatePrivateKey({ alg: 'ES256', kid: '', use: 'enc' })).toMatchObject([
      { kid: expect.stringMatching(/^[\da-f-]{36}$/), use: 'enc' },
    ]);
    await expect(generatePrivateKey({ alg: 'HS256', kid: 'k', use: 'sig' })).rejects.toThrow(/alg is none of/);
  });
});
