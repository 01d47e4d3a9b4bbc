import { CompactSign, compactVerify, type CryptoKey, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';

import { BoundedCache } from '#libs/bounded-cache';
import { type JsonObject } from '#libs/domain';

import { CryptoError } from './errors.js';
import { type Jwk } from './jwk.js';
import { crtMembers } from './rsa.js';

const algorithm = 'RS256';
/** Far more than sign at one time: what another process deleted is never forgotten by name here. */
const maxImportedKeys = 100;

type ImportedKey = CryptoKey | Uint8Array;

/** Signs JSON Web Tokens with RS256. Imported keys are kept: importing costs more than signing. */
export class JwtSigner {
  private readonly keys = new BoundedCache<string, Promise<ImportedKey>>(maxImportedKeys);

  /**
   * @param key.privateJwk RSA with at least 2048 bits; `dp`, `dq` and `qi` are not needed
   * @param key.secretId names the key in this signer: with a `secretId` seen before, `privateJwk` is not looked at
   * @returns a JWT with the header `alg`, `kid`, `typ: JWT`
   * @throws CryptoError `unusable_signing_key`
   */
  async sign(
    claims: JsonObject,
    { privateJwk, secretId, kid }: { privateJwk: Jwk; secretId: string; kid: string },
  ): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify(claims));
    try {
      const key = await this.keyOf(privateJwk, secretId);
      return await new CompactSign(payload).setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' }).sign(key);
    } catch (cause) {
      this.forget(secretId);
      throw new CryptoError('unusable_signing_key', 'the key cannot make RS256 signatures', { cause });
    }
  }

  /** Drops a key from memory, when it was deleted or replaced. */
  forget(secretId: string): void {
    this.keys.delete(secretId);
  }

  private keyOf(privateJwk: Jwk, secretId: string): Promise<ImportedKey> {
    const known = this.keys.get(secretId);
    if (known) return known;
    const imported = importPrivateKey(privateJwk);
    this.keys.set(secretId, imported);
    return imported;
  }
}

/**
 * Verifies a JSON Web Token signed with RS256, and nothing else: issuer and audience are the caller's.
 *
 * @param publicKeys all that may have signed; the `kid` of the header picks among them, without one each is tried
 * @param options `now` is compared with `nbf` and, unless `ignoreExpiry`, with `exp`; both may be absent
 * @returns the claims; `undefined` for anything not verifiable
 * @see RFC 7515 section 5.2, RFC 7519 section 7.2
 */
export async function verifyJwt(
  token: string,
  publicKeys: readonly Jwk[],
  options: { ignoreExpiry: boolean; now: Date },
): Promise<JsonObject | undefined> {
  const claims = await verifyJwtSignature(token, publicKeys);
  return claims !== undefined && isInTime(claims, options) ? claims : undefined;
}

/**
 * Verifies the signature as `verifyJwt` does, and leaves every claim, also those about time, to the caller.
 *
 * @returns the claims; `undefined` when none of the keys made the signature
 * @see RFC 7515 section 5.2
 */
export async function verifyJwtSignature(token: string, publicKeys: readonly Jwk[]): Promise<JsonObject | undefined> {
  for (const key of candidates(token, publicKeys)) {
    const claims = await verifiedClaims(token, key);
    if (claims) return claims;
  }
  return undefined;
}

/** What a JSON Web Token says before anything of it is verified: good for finding the keys that may have signed it. */
export type UnverifiedJwt = {
  readonly alg: string | undefined;
  readonly kid: string | undefined;
  readonly claims: JsonObject;
};

/** Reads a signed JSON Web Token without verifying it; `undefined` when it is none. */
export function readUnverifiedJwt(token: string): UnverifiedJwt | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    const claims: unknown = decodeJwt(token);
    if (!isJsonObject(claims)) return undefined;
    return { alg: textOrNothing(alg), kid: textOrNothing(kid), claims };
  } catch {
    return undefined;
  }
}

async function importPrivateKey({ kty, n, e, d, p, q }: Jwk): Promise<ImportedKey> {
  if (kty !== 'RSA' || !n || !e || !d || !p || !q) throw new TypeError('not a private RSA key');
  const members = { n, e, d, p, q };
  return importJWK({ kty, ...members, ...crtMembers(members) }, algorithm);
}

function candidates(token: string, publicKeys: readonly Jwk[]): Jwk[] {
  const rsaKeys = publicKeys.filter((key) => key.kty === 'RSA');
  try {
    const { kid } = decodeProtectedHeader(token);
    return kid === undefined ? rsaKeys : rsaKeys.filter((key) => key.kid === kid);
  } catch {
    return [];
  }
}

/** `use` and `alg` of a stored key are free text, so only its numbers are looked at. */
async function verifiedClaims(token: string, { kty, n, e }: Jwk): Promise<JsonObject | undefined> {
  if (!n || !e) return undefined;
  try {
    const key = await importJWK({ kty, n, e }, algorithm);
    const { payload, protectedHeader } = await compactVerify(token, key, { algorithms: [algorithm] });
    if (protectedHeader.b64 === false) return undefined; // RFC 7797 section 7: not in a JWT
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isInTime({ exp, nbf }: JsonObject, options: { ignoreExpiry: boolean; now: Date }): boolean {
  const now = Math.floor(options.now.getTime() / 1000);
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now)) return false;
  if (options.ignoreExpiry || exp === undefined) return true;
  return typeof exp === 'number' && now < exp;
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
