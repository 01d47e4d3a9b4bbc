import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { hasPrivatePart, parseJwk, publicJwk } from './jwk.js';

/** RFC 7515 appendix A.3.1 */
const ec = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
};
/** RFC 8037 appendix A.1 */
const okp = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
};
const complete = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }) as {
  [member in 'kty' | 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi']: string;
};
const { dp, dq, qi, ...rsa } = complete;
const otherPrime = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }).p ?? '';
const oct = { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umjw' };
/** A self-signed certificate made for this test. */
const certificate =
  'MIIBhDCCASugAwIBAgIUUIX9Cz3bWVZ7Bhij4jG5j07wXjwwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMaHlkcmFudC1zcGVjMCAXDTI2MTEyMz' +
  'A4NDQzMloYDzIxMjYxMDMwMDg0NDMyWjAXMRUwEwYDVQQDDAxoeWRyYW50LXNwZWMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT+oFWhwDPL' +
  'oRlQi3mNt4F2Nvxft6A9Y+mA2BD+a3HIwArZT0W9fxLp298ajPK5xxE23QqC0cGvWKUdy70DwvEgo1MwUTAdBgNVHQ4EFgQUlqW9aSCN7jh806' +
  'kAd1MwETwRMn0wHwYDVR0jBBgwFoAUlqW9aSCN7jh806kAd1MwETwRMn0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAlDADC' +
  'tgR4Pjaa4/Rrgn9d/YsvQJBbV+mBR1ypn0osQQIgSwsAjHlYQKzLnxFUmeqXYjMaY6ayAMz/kkKiGTUGEUk=';

describe('parseJwk', () => {
  it.each([
    ['EC private', ec],
    ['EC public', { ...ec, d: undefined }],
    ['RSA private', rsa],
    ['RSA private with CRT members', complete],
    ['RSA private with one CRT member', { ...rsa, dq }],
    ['RSA public', { kty: 'RSA', n: rsa.n, e: rsa.e }],
    ['OKP private', okp],
    ['oct', oct],
  ])('takes a key: %s', (_, key) => {
    expect(parseJwk(key)).toEqual(key);
  });

  it('writes members in the order of rc.8, drops unknown and empty ones, keeps the free ones', () => {
    const parsed = parseJwk({
      x5c: [certificate, certificate],
      ...complete,
      key_ops: ['sign'],
      x5t: 'x',
      Use: 'enc',
      alg: 'whatever',
      kid: 'private:ä',
      use: '',
    });
    expect(Object.keys(parsed)).toEqual(['kty', 'kid', 'alg', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x5c']);
    expect(parsed).toMatchObject({ kid: 'private:ä', alg: 'whatever', x5c: [certificate, certificate] });
    expect(Object.keys(parseJwk({ ...ec, use: 'sig', kid: 'k' }))).toEqual(['use', 'kty', 'kid', 'crv', 'x', 'y', 'd']);
  });

  it('drops members of other key types, null ones and an empty x5c', () => {
    expect(parseJwk({ ...oct, n: rsa.n, crv: 'P-256', kid: null, x5c: [] })).toEqual(oct);
    expect(parseJwk({ kty: 'RSA', n: rsa.n, e: rsa.e, p: rsa.p, dp })).toEqual({ kty: 'RSA', n: rsa.n, e: rsa.e });
  });

  it('takes an empty k and drops it', () => {
    expect(parseJwk({ kty: 'oct', k: '' })).toEqual({ kty: 'oct' });
  });

  it('writes numbers and unused bits in their one proper form', () => {
    const padded = Buffer.concat([Buffer.of(0), Buffer.from(rsa.n, 'base64url')]).toString('base64url');
    expect(parseJwk({ kty: 'RSA', n: padded, e: 'AAEAAQ' })).toEqual({ kty: 'RSA', n: rsa.n, e: 'AQAB' });
    expect(parseJwk({ kty: 'oct', k: 'AB' })).toEqual({ kty: 'oct', k: 'AA' });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', '{}'],
    ['an array', [oct]],
    ['an empty object', {}],
    ['kty of another case', { ...oct, kty: 'OCT' }],
    ['a member name of another case', { KTY: 'oct', k: 'AAAA' }],
    ['an inherited name as kty', { kty: 'toString', k: 'AAAA' }],
    ['kid not a string', { ...oct, kid: 1 }],
    ['oct without k', { kty: 'oct' }],
    ['padding', { kty: 'oct', k: 'AA==' }],
    ['standard base64', { kty: 'oct', k: 'ab+/' }],
    ['an impossible length', { kty: 'oct', k: 'AAAAA' }],
    ['white space', { kty: 'oct', k: 'AA AA' }],
    ['a damaged member of another key type', { ...oct, n: '=' }],
    ['EC of a wrong curve', { ...ec, crv: 'P-384' }],
    ['EC of an unknown curve', { ...ec, crv: 'secp256k1' }],
    ['EC without curve', { ...ec, crv: undefined }],
    ['EC without y', { ...ec, y: undefined }],
    ['EC with a short x', { ...ec, x: ec.x.slice(0, 42) }],
    ['EC off the curve', { ...ec, x: ec.y, y: ec.x }],
    ['EC with a foreign d', { ...ec, d: ec.x }],
    ['EC with d zero', { ...ec, d: 'A'.repeat(43) }],
    ['EC with an empty d', { ...ec, d: '' }],
    ['OKP of another curve', { ...okp, crv: 'X25519' }],
    ['OKP without x', { kty: 'OKP', crv: 'Ed25519' }],
    ['OKP with a short d', { ...okp, d: 'AAAA' }],
    ['OKP with a foreign d', { ...okp, d: okp.x }],
    ['RSA without n', { kty: 'RSA', e: 'AQAB' }],
    ['RSA without e', { kty: 'RSA', n: rsa.n }],
    ['RSA with e = 1', { kty: 'RSA', n: rsa.n, e: 'AQ' }],
    ['RSA with an even n', { kty: 'RSA', n: `${'_'.repeat(341)}A`, e: 'AQAB' }],
    ['RSA with a tiny n', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
    ['RSA with a huge n', { kty: 'RSA', n: '_'.repeat(4000), e: 'AQAB' }],
    ['RSA private without p', { ...rsa, p: undefined }],
    ['RSA private of another n', { ...rsa, p: otherPrime }],
    ['RSA private of another d', { ...rsa, d: otherPrime }],
    ['RSA private with p = 1', { ...rsa, p: 'AQ', q: rsa.n }],
    ['RSA private of another e', { ...rsa, e: 'Aw' }],
    ['RSA private with a wrong dp', { ...complete, dp: dq }],
    ['RSA private with a wrong qi', { ...complete, qi: dp }],
    ['x5c not an array', { ...oct, x5c: certificate }],
    ['x5c with garbage', { ...oct, x5c: ['AAAA'] }],
    ['x5c in base64url', { ...oct, x5c: [certificate.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')] }],
    ['x5c in PEM', { ...oct, x5c: [pem(certificate)] }],
  ])('refuses %s', (_, input) => {
    expect(() => parseJwk(input)).toThrow(expect.objectContaining({ name: 'CryptoError', code: 'invalid_jwk' }));
  });

  it('says what is wrong', () => {
    expect(() => parseJwk({ kty: 'RSA', e: 'AQAB' })).toThrow('n is missing');
    expect(qi).toBe(parseJwk(complete).qi);
  });
});

describe('publicJwk', () => {
  it('keeps nothing private', () => {
    expect(publicJwk(parseJwk({ ...complete, kid: 'a' }))).toEqual({ kty: 'RSA', kid: 'a', n: rsa.n, e: rsa.e });
    expect(publicJwk(parseJwk(ec))).toEqual({ kty: 'EC', crv: 'P-256', x: ec.x, y: ec.y });
    expect(publicJwk(parseJwk(okp))).toEqual({ kty: 'OKP', crv: 'Ed25519', x: okp.x });
    expect(publicJwk(parseJwk({ ...oct, use: 'sig' }))).toEqual({ use: 'sig', kty: 'oct' });
  });

  it('is what hasPrivatePart tells apart', () => {
    for (const key of [complete, ec, okp, oct].map(parseJwk)) {
      expect([hasPrivatePart(key), hasPrivatePart(publicJwk(key))]).toEqual([true, false]);
    }
  });
});

function pem(der: string): string {
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`).toString('base64');
}
