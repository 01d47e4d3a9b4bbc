import { type Jwk, parseJwk } from '#libs/crypto';

/** Far more than anybody publishes, and few enough to be tried one after the other. */
const maxKeys = 100;
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
  const { keys } = (jsonOf(text) ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('it is not a JSON Web Key Set');
  if (keys.length > maxKeys) throw new Error(`it has more than ${maxKeys} keys`);
  const kept = signatureKeys(keys);
  if (JSON.stringify(kept).length > maxLength) throw new Error(`its keys have more than ${maxLength} characters`);
  return kept;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('it is not JSON');
  }
}
