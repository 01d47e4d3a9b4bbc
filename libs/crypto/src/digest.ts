import { createHash, createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';

/**
 * The PKCE code challenge of a verifier: base64url of SHA-256, 43 characters.
 *
 * @see RFC 7636 section 4.6
 */
export function s256(verifier: string): string {
  return hash('sha256', verifier, 'base64url');
}

/** SHA-256 of the UTF-8 text as 64 lower-case hex digits. */
export function sha256Hex(input: string): string {
  return hash('sha256', input, 'hex');
}

/**
 * `at_hash` of an access token or `c_hash` of a code for ID tokens signed with RS256: base64url of the left half of SHA-256,
 * 22 characters.
 *
 * @see OpenID Connect Core section 3.1.3.6
 */
export function halfHash(token: string): string {
  return hash('sha256', token, 'buffer').toString('base64url', 0, 16);
}

/** SHA-256 of the UTF-8 text as base64url, 43 characters. */
export function sha256Base64Url(input: string): string {
  return hash('sha256', input, 'base64url');
}

/** An HMAC whose key is prepared once: a raw key costs five times as much on each call. */
export class KeyedHash {
  private readonly key: KeyObject;

  constructor(
    private readonly algorithm: 'sha256' | 'sha512-256',
    key: Uint8Array,
  ) {
    this.key = createSecretKey(key);
  }

  bytes(message: string | Uint8Array): Buffer {
    return createHmac(this.algorithm, this.key).update(message).digest();
  }

  text(message: string | Uint8Array, encoding: 'base64url' | 'base64' | 'hex' = 'base64url'): string {
    return createHmac(this.algorithm, this.key).update(message).digest(encoding);
  }
}

/** Compares two texts in a time that depends on their lengths only. */
export function equalInConstantTime(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The SHA-256 of what comes piece by piece. */
export class Sha256 {
  private readonly hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.hash.update(bytes);
  }

  /** Hexadecimal; nothing can be added afterwards. */
  end(): string {
    return this.hash.digest('hex');
  }
}
