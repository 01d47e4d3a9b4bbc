import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import { CryptoError } from './errors.js';
import { uuidV4 } from './ids.js';
import { type Jwk, jwkOf, publicJwk } from './jwk.js';
import { drawRandom } from './random.js';

const rsaBits = 4096;
const hs256Bytes = 16;
const hs512Bytes = 32;

const generateKeyPairAsync = promisify(generateKeyPair);

/**
 * Generates keys as the Admin API promises them: RS256 (4096 bits) and ES512 (P-521, without `alg`) as a pair, private first,
 * kids prefixed `private:` and `public:`; HS256 (16 bytes) and HS512 (32 bytes) as one key. Pairs are made off the event loop;
 * an RSA pair takes a second or more.
 *
 * @param request `kid` empty: a UUIDv4; `use` is copied, and absent from the keys when empty
 * @throws CryptoError `unknown_algorithm`
 */
export async function generateKeys(request: { alg: string; kid: string; use: string }): Promise<Jwk[]> {
  const { alg, use } = request;
  const kid = request.kid || uuidV4();
  switch (alg) {
    case 'RS256':
      return pairOf({ ...(await rsaKey()), alg, use }, kid);
    case 'ES512': {
      const { privateKey } = await generateKeyPairAsync('ec', { namedCurve: 'P-521' });
      return pairOf({ ...ecMembers(privateKey), use }, kid);
    }
    case 'HS256':
      return [symmetricKey(hs256Bytes, { kid, alg, use })];
    case 'HS512':
      return [symmetricKey(hs512Bytes, { kid, alg, use })];
    default:
      throw new CryptoError('unknown_algorithm', 'alg is none of RS256, ES512, HS256, HS512');
  }
}

/** What the keys of a later generation are made of, by algorithm (RFC 7518 3.1, RFC 8037 3.1). */
const privateKeys = new Map<string, () => Promise<Jwk>>([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => [alg, rsaKey] as const),
  ['ES256', () => ecKey('P-256')],
  ['ES384', () => ecKey('P-384')],
  ['ES512', () => ecKey('P-521')],
  ['EdDSA', () => generateKeyPairAsync('ed25519').then(({ privateKey }) => okpMembers(privateKey))],
]);

/**
 * Generates one private key, as the Admin API does from v2.0 on: the kid has no prefix, `alg` is always there, and `use` is `sig`
 * unless it is given.
 *
 * @param request `kid` empty: a UUIDv4
 * @throws CryptoError `unknown_algorithm`
 */
export async function generatePrivateKey(request: { alg: string; kid: string; use: string }): Promise<Jwk[]> {
  const { alg, use } = request;
  const generate = privateKeys.get(alg);
  if (generate === undefined) {
    throw new CryptoError('unknown_algorithm', `alg is none of ${[...privateKeys.keys()].join(', ')}`);
  }
  return [jwkOf({ ...(await generate()), kid: request.kid || uuidV4(), alg, use: use || 'sig' })];
}

async function rsaKey(): Promise<Jwk> {
  const { privateKey } = await generateKeyPairAsync('rsa', { modulusLength: rsaBits });
  return rsaMembers(privateKey);
}

async function ecKey(namedCurve: string): Promise<Jwk> {
  const { privateKey } = await generateKeyPairAsync('ec', { namedCurve });
  return ecMembers(privateKey);
}

function pairOf(key: Jwk, kid: string): Jwk[] {
  return [jwkOf({ ...key, kid: `private:${kid}` }), publicJwk({ ...key, kid: `public:${kid}` })];
}

function symmetricKey(bytes: number, named: { kid: string; alg: string; use: string }): Jwk {
  return jwkOf({ kty: 'oct', k: drawRandom(bytes).toString('base64url'), ...named });
}

/** Without `dp`, `dq` and `qi`, which rc.8 never wrote. */
function rsaMembers(privateKey: KeyObject): Jwk {
  const { n = '', e = '', d = '', p = '', q = '' } = privateKey.export({ format: 'jwk' });
  return { kty: 'RSA', n, e, d, p, q };
}

function ecMembers(privateKey: KeyObject): Jwk {
  const { crv = '', x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' });
  return { kty: 'EC', crv, x, y, d };
}

function okpMembers(privateKey: KeyObject): Jwk {
  const { crv = '', x = '', d = '' } = privateKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv, x, d };
}
