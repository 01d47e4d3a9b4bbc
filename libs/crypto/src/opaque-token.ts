import { timingSafeEqual } from 'node:crypto';

import { KeyedHash, sha256Base64Url } from './digest.js';
import { drawRandom } from './random.js';

const randomBytes = 32;
const partLength = 43;
const shape = /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/;

/**
 * Codes, access and refresh tokens that mean nothing to their bearer: base64url of 32 random bytes, a dot, base64url of their
 * HMAC-SHA-512/256. The HMAC tells a forgery from a token of ours without any look-up.
 */
export class OpaqueTokens {
  private readonly mac: KeyedHash;

  constructor(key: Uint8Array) {
    this.mac = new KeyedHash('sha512-256', key);
  }

  mint(): { token: string; hash: string } {
    const random = drawRandom(randomBytes);
    const signature = this.mac.text(random);
    return { token: `${random.toString('base64url')}.${signature}`, hash: sha256Base64Url(signature) };
  }

  hashOf(token: string): string | undefined {
    if (!shape.test(token)) return undefined;
    const randomPart = token.slice(0, partLength);
    const signature = token.slice(partLength + 1);
    const random = Buffer.from(randomPart, 'base64url');
    // the last character carries two unused bits: without this check every token had other spellings
    if (random.toString('base64url') !== randomPart) return undefined;
    const expected = this.mac.text(random);
    if (!timingSafeEqual(Buffer.from(signature, 'latin1'), Buffer.from(expected, 'latin1'))) return undefined;
    return sha256Base64Url(expected);
  }
}
