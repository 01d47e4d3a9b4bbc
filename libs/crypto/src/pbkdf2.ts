import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { CryptoError } from './errors.js';

/** As Hydra v2 writes it: digest, iterations, length, salt and hash, the latter in base64 without padding. */
const form = /^\$pbkdf2-(sha256|sha512)\$i=([1-9]\d*),l=([1-9]\d*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** A dearer one would keep a thread busy for a second at each attempt. */
const greatestIterations = 1_000_000;
const [leastBytes, greatestBytes] = [16, 64];
const greatestTextLength = 512;
/** HMAC takes a longer key for its hash: two texts for one key (RFC 2104 2). */
const keyBytes = { sha256: 64, sha512: 128 } as const;

type Parts = {
  readonly digest: keyof typeof keyBytes;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
};

const stretch = promisify(pbkdf2);

/**
 * Checks a PBKDF2 hash that is to be stored as it is.
 *
 * @param text `$pbkdf2-sha256$i=…,l=…$<salt>$<hash>`, or `sha512`: at most 1,000,000 iterations, 16 to 64 bytes of salt and of hash
 * @throws CryptoError `invalid_secret_hash`
 */
export function checkPbkdf2Hash(text: string): void {
  partsOf(text);
}

/** Whether this says of itself that it is a PBKDF2 hash. */
export function isPbkdf2Hash(text: string): boolean {
  return text.startsWith('$pbkdf2-');
}

/** Whether `text` made this hash, computed in a thread of the pool; false for one that `checkPbkdf2Hash` refuses. */
export async function pbkdf2Fits(hash: string, text: string): Promise<boolean> {
  const parts = partsIfAny(hash);
  if (parts === undefined) return false;
  const { digest, iterations, salt, hash: expected } = parts;
  return timingSafeEqual(await stretch(text, salt, iterations, expected.length, digest), expected);
}

/** Whether only this text can have made the hash it fits: HMAC hashes what is long, and fills up with NULs what is short. */
export function pbkdf2SawAllOf(hash: string, text: string): boolean {
  const parts = partsIfAny(hash);
  return parts !== undefined && Buffer.byteLength(text) <= keyBytes[parts.digest] && !text.endsWith('\0');
}

function partsIfAny(text: string): Parts | undefined {
  try {
    return partsOf(text);
  } catch {
    return undefined;
  }
}

/** @throws CryptoError `invalid_secret_hash` */
function partsOf(text: string): Parts {
  const [, digest, iterations, length, salt, hash] = (text.length <= greatestTextLength ? form.exec(text) : null) ?? [];
  if (salt === undefined || hash === undefined) {
    throw invalid('a secret hash by PBKDF2 must be $pbkdf2-sha256$i=<iterations>,l=<bytes>$<salt>$<hash>, or sha512');
  }
  const parts = { iterations: Number(iterations), salt: bytesOf(salt), hash: bytesOf(hash) };
  if (parts.iterations > greatestIterations) {
    throw invalid(`a secret hash by PBKDF2 may have ${greatestIterations} iterations at most`);
  }
  for (const { length: bytes } of [parts.salt, parts.hash]) {
    if (bytes < leastBytes || bytes > greatestBytes) {
      throw invalid(`salt and hash of a secret hash by PBKDF2 must have ${leastBytes} to ${greatestBytes} bytes`);
    }
  }
  if (parts.hash.length !== Number(length)) throw invalid('a secret hash by PBKDF2 has another length than it says');
  return { ...parts, digest: digest as Parts['digest'] };
}

/** @throws CryptoError `invalid_secret_hash` for what would not be written like this */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === text) return bytes;
  throw invalid('salt and hash of a secret hash by PBKDF2 must be base64 without padding');
}

function invalid(reason: string): CryptoError {
  return new CryptoError('invalid_secret_hash', reason);
}
