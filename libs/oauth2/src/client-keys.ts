import { type Jwk, parseJwk, readKeySet } from '#libs/crypto';

/** Of the keys that are kept, as JSON. */
const maxLength = 128 * 1024;

/**
 * The keys among these that may have signed a client assertion: RSA, with a `kid` and `"use": "sig"`, of which the public half is
 * kept. What is no such key, and what is no key at all, is passed over.
 *
 * @see RFC 7517 5, oauth2-flows.md 3.9
 */
export function signatureKeys(keys: readonly unknown[]): readonly Jwk[] {
  return keys.flatMap((key) => {
    const { kty, use, kid, n, e } = (key ?? {}) as Readonly<Record<keyof Jwk, unknown>>;
    if (kty !== 'RSA' || use !== 'sig' || typeof kid !== 'string' || kid === '') return [];
    try {
      return [parseJwk({ kty, use, kid, n, e })];
    } catch {
      return [];
    }
  });
}

/**
 * Reads a JSON Web Key Set that a client published.
 *
 * @returns what `signatureKeys` finds in it
 * @throws Error with a reason that says nothing of what was read
 */
export function parseKeySet(text: string): readonly Jwk[] {
  const kept = signatureKeys(readKeySet(text));
  if (JSON.stringify(kept).length > maxLength) throw new Error(`its keys have more than ${maxLength} characters`);
  return kept;
}
