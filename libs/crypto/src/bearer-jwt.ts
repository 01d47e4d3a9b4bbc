import { compactVerify, importJWK, type JWK } from 'jose';

import { type JsonObject } from '#libs/domain';

import { type Jwk, parseJwk } from './jwk.js';
import { readKeySet } from './jwk-set.js';

/** Signatures with a public key: whoever can verify one cannot make one. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * Reads the keys of a JSON Web Key Set that can verify signatures: public halves, with a `kid`. Others are passed over, secrets too.
 *
 * @throws Error with a reason that says nothing of what was read
 * @see RFC 7517 section 5
 */
export function readVerificationKeys(text: string): readonly Jwk[] {
  return readKeySet(text).flatMap((key) => {
    const { kty, use, kid, crv, alg, x, y, n, e } = (key ?? {}) as Readonly<Record<keyof Jwk, unknown>>;
    if ((use !== undefined && use !== 'sig') || typeof kid !== 'string' || kid === '') return [];
    try {
      return [parseJwk({ kty, use, kid, crv, alg, x, y, n, e })];
    } catch {
      return [];
    }
  });
}

/**
 * Verifies the signature of a JSON Web Token that somebody else made, and leaves every claim to the caller.
 *
 * @param keys public, all that may have signed; one with an `alg` signs with no other
 * @returns the claims; `undefined` when none of the keys made the signature
 * @see RFC 7515 section 5.2, RFC 8725 section 3.1
 */
export async function verifySignedJwt(
  token: string,
  alg: string,
  keys: readonly Jwk[],
): Promise<JsonObject | undefined> {
  if (!algorithms.includes(alg)) return undefined;
  for (const { alg: only = alg, kty, crv, x, y, n, e } of keys) {
    if (only !== alg) continue;
    try {
      const key = { kty, crv, x, y, n, e } as JWK;
      const { payload, protectedHeader } = await compactVerify(token, await importJWK(key, alg), { algorithms: [alg] });
      if (protectedHeader.b64 === false) return undefined; // RFC 7797 section 7: not in a JWT
      const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
        ? (claims as JsonObject)
        : undefined;
    } catch {
      // another of the keys may have made it
    }
  }
  return undefined;
}
