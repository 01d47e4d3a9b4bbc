import { hkdfSync } from 'node:crypto';

import { type JsonObject } from '#libs/domain';

import { equalInConstantTime, KeyedHash } from './digest.js';

const currentForm = 'v1';
const keyBytes = 32;

/** Signs cookie values with HMAC-SHA-256. They are readable, so they hold nothing secret; they cannot be altered or renamed. */
export class CookieSigner {
  private readonly mac: KeyedHash;

  /** @param key `RootKey.cookieKey()`, or the configured cookie secret of any length */
  constructor(key: Uint8Array | string) {
    this.mac = new KeyedHash('sha256', new Uint8Array(hkdfSync('sha256', key, '', 'hydrant v1 cookie mac', keyBytes)));
  }

  /** @returns `v1.<seconds>.<value>.<mac>`, URL-safe; the mac covers the cookie's name too */
  sign(name: string, value: JsonObject, now: Date): string {
    const text = Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${currentForm}.${seconds(now)}.${text}`;
    return `${signed}.${this.macOf(name, signed)}`;
  }

  /** The signed value; `undefined` when it is not ours, another cookie's, or signed more than `maxAgeSeconds` ago. */
  verify(
    name: string,
    cookie: string,
    { now, maxAgeSeconds = Number.POSITIVE_INFINITY }: { now: Date; maxAgeSeconds?: number },
  ): JsonObject | undefined {
    const end = cookie.lastIndexOf('.');
    const signed = cookie.slice(0, Math.max(end, 0));
    if (!equalInConstantTime(cookie.slice(end + 1), this.macOf(name, signed))) return undefined;
    const [form, signedAt, text] = signed.split('.');
    if (form !== currentForm || text === undefined) return undefined;
    if (seconds(now) - Number(signedAt) > maxAgeSeconds) return undefined;
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as JsonObject; // of our own making: the mac fits
  }

  private macOf(name: string, signed: string): string {
    return this.mac.text(`${name}\0${signed}`); // neither part can hold a NUL
  }
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
