import { describe, expect, it } from '@jest/globals';
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';

import { readVerificationKeys, verifySignedJwt } from './bearer-jwt.js';
import { type Jwk } from './jwk.js';

type Pair = { readonly privateKey: CryptoKey; readonly publicJwk: Jwk };

async function pair(alg: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicJwk: { ...((await exportJWK(publicKey)) as Jwk), kid: 'a' } };
}

const signed = (alg: string, { privateKey }: Pair, header: object = {}): Promise<string> =>
  new SignJWT({ sub: 'ä' }).setProtectedHeader({ alg, kid: 'a', ...header }).sign(privateKey);

describe('verifySignedJwt', () => {
  it.each(['RS256', 'PS512', 'ES256', 'ES384', 'EdDSA'])('verifies %s', async (alg) => {
    const key = await pair(alg);
    expect(await verifySignedJwt(await signed(alg, key), alg, [key.publicJwk])).toEqual({ sub: 'ä' });
  });

  it('tries every key', async () => {
    const [key, other] = [await pair('ES256'), await pair('ES256')];
    const keys = [other.publicJwk, key.publicJwk];
    expect(await verifySignedJwt(await signed('ES256', key), 'ES256', keys)).toEqual({ sub: 'ä' });
    expect(await verifySignedJwt(await signed('ES256', key), 'ES256', [other.publicJwk])).toBeUndefined();
  });

  it('lets a key sign by its own alg only (RFC 8725 3.1)', async () => {
    const { privateKey, publicJwk } = await pair('RS256');
    const token = await signed('RS256', { privateKey, publicJwk });
    expect(await verifySignedJwt(token, 'RS256', [{ ...publicJwk, alg: 'RS256' }])).toEqual({ sub: 'ä' });
    expect(await verifySignedJwt(token, 'RS256', [{ ...publicJwk, alg: 'PS256' }])).toBeUndefined();
  });

  it('takes no secret for a key: whoever can verify could sign', async () => {
    const k = Buffer.alloc(32, 1);
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'a' }).sign(k);
    const key = { kty: 'oct', kid: 'a', k: k.toString('base64url') };
    expect(await verifySignedJwt(token, 'HS256', [key])).toBeUndefined();
    expect(readVerificationKeys(JSON.stringify({ keys: [key] }))).toEqual([]);
  });

  it('takes the algorithm that is named, not the one of the token', async () => {
    const key = await pair('RS256');
    expect(await verifySignedJwt(await signed('RS256', key), 'RS512', [key.publicJwk])).toBeUndefined();
  });
});

describe('readVerificationKeys', () => {
  it('keeps what verifies signatures, without certificates and private parts', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const [secret, key] = [await exportJWK(privateKey), (await exportJWK(publicKey)) as Jwk];
    const keys = [
      { ...secret, kid: 'private' },
      { ...key, kid: 'signs', use: 'sig', alg: 'ES256', x5c: ['AAAA'] },
      { ...key, kid: 'encrypts', use: 'enc' },
      key,
      { ...key, x: 'AAAA', kid: 'off-the-curve' },
      null,
    ];
    expect(readVerificationKeys(JSON.stringify({ keys }))).toEqual([
      { ...key, kid: 'private' },
      { ...key, kid: 'signs', use: 'sig', alg: 'ES256' },
    ]);
  });

  it.each([
    ['no JSON', 'it is not JSON'],
    ['{}', 'it is not a JSON Web Key Set'],
    ['null', 'it is not a JSON Web Key Set'],
    [JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) }), 'it has more than 100 keys'],
  ])('refuses %s', (text, reason) => expect(() => readVerificationKeys(text)).toThrow(reason));
});
