import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

import { CryptoError } from './errors.js';
import { hasPrivatePart, type Jwk, parseJwk, publicJwk } from './jwk.js';

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const privateDer = ['pkcs8', 'pkcs1', 'sec1'] as const;
const publicDer = ['spki', 'pkcs1'] as const;

/**
 * Reads the keys of a file: a JWK, a JWK set, PEM (any number of PKCS #8, PKCS #1, SEC 1 and SPKI keys, certificates) or DER (one key).
 * A key that comes without a kid gets `private:<id>` or `public:<id>`, and a private one its public half under the same id.
 *
 * @param use given to keys that have none; `''` for none
 * @param newId makes the ids
 * @throws CryptoError `invalid_key_file` | `invalid_jwk`
 */
export function readKeyFile(bytes: Uint8Array, { use, newId }: { use: string; newId: () => string }): Jwk[] {
  return keysIn(bytes).flatMap((key) => {
    const used = use === '' || key.use !== undefined ? key : { ...key, use };
    if (key.kid !== undefined) return [parseJwk(used)];
    return named(used, newId()).map(parseJwk);
  });
}

function named(key: Jwk, id: string): Jwk[] {
  if (!hasPrivatePart(key)) return [{ ...key, kid: `public:${id}` }];
  const whole = { ...key, kid: `private:${id}` };
  return key.kty === 'oct' ? [whole] : [whole, { ...publicJwk(key), kid: `public:${id}` }];
}

function keysIn(bytes: Uint8Array): Jwk[] {
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (text.trimStart().startsWith('{')) return jsonKeys(text);
  if (text.includes('-----BEGIN ')) return pemKeys(text);
  return [jwkOfKey(derKey(Buffer.from(bytes)))];
}

function jsonKeys(text: string): Jwk[] {
  let value: object;
  try {
    value = JSON.parse(text) as object;
  } catch {
    throw invalid('it begins like JSON but is none');
  }
  if (!('keys' in value)) return [parseJwk(value)];
  if (!Array.isArray(value.keys) || value.keys.length === 0) throw invalid('the set holds no keys');
  return value.keys.map(parseJwk);
}

function pemKeys(text: string): Jwk[] {
  const blocks = [...text.matchAll(pemBlock)].filter(([, label]) => label !== 'EC PARAMETERS');
  if (blocks.length === 0) throw invalid('the PEM block has no end');
  return blocks.map(([block, label = '']) => {
    if (label.includes('ENCRYPTED') || block.includes('Proc-Type: 4,ENCRYPTED')) {
      throw invalid('the key is encrypted; decrypt it first');
    }
    const key = opened(() => (label.includes('PRIVATE') ? createPrivateKey(block) : createPublicKey(block)));
    if (key === undefined) throw invalid(`the PEM block ${label} holds no key`);
    return jwkOfKey(key);
  });
}

function derKey(key: Buffer): KeyObject {
  const forms = [
    ...privateDer.map((type) => () => createPrivateKey({ key, format: 'der', type })),
    ...publicDer.map((type) => () => createPublicKey({ key, format: 'der', type })),
  ];
  for (const read of forms) {
    const found = opened(read);
    if (found !== undefined) return found;
  }
  throw invalid('it is neither JSON nor PEM nor a key in DER');
}

/** What the platform cannot read is no key; its own words may quote the input. */
function opened(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function jwkOfKey(key: KeyObject): Jwk {
  try {
    return parseJwk(key.export({ format: 'jwk' }));
  } catch (error) {
    if (error instanceof CryptoError) throw error;
    throw invalid(`keys of the type ${key.asymmetricKeyType ?? 'unknown'} have no form as JWK`);
  }
}

function invalid(reason: string): CryptoError {
  return new CryptoError('invalid_key_file', reason);
}
