import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

import { CryptoError } from './errors.js';
import { drawRandom } from './random.js';

const algorithm = 'aes-256-gcm';
const keyLength = 32;
const ivLength = 12;
const tagLength = 16;
const subjectForm = 's1';

/** An AES-256-GCM key with a fresh random IV for every value. */
export class SealingKey {
  private readonly key: KeyObject;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  /** @returns `<iv>.<ciphertext and tag>`, both base64url; `context` is authenticated, not contained. */
  seal(plaintext: string, context: string): string {
    const iv = drawRandom(ivLength);
    const cipher = createCipheriv(algorithm, this.key, iv);
    cipher.setAAD(Buffer.from(context));
    const body = cipher.update(plaintext, 'utf8');
    cipher.final();
    return `${iv.toString('base64url')}.${Buffer.concat([body, cipher.getAuthTag()]).toString('base64url')}`;
  }

  /** @throws CryptoError `unseal_failed` */
  unseal(iv: string, body: string, context: string): string {
    const ivBytes = Buffer.from(iv, 'base64url');
    const bodyBytes = Buffer.from(body, 'base64url');
    const textLength = bodyBytes.length - tagLength;
    if (ivBytes.length !== ivLength || textLength < 0) throw unsealFailed('not a sealed value');
    try {
      const decipher = createDecipheriv(algorithm, this.key, ivBytes, { authTagLength: tagLength });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bodyBytes.subarray(textLength));
      const plaintext = decipher.update(bodyBytes.subarray(0, textLength));
      decipher.final(); // throws unless key, context and bytes are those of sealing
      return plaintext.toString('utf8');
    } catch (cause) {
      throw unsealFailed('sealed under another key or context, or damaged', cause);
    }
  }
}

/** A new key for one person's data: 32 random bytes as base64url. Store it sealed only. */
export function newSubjectKey(): string {
  return drawRandom(keyLength).toString('base64url');
}

/**
 * Seals a text under a subject's own key with AES-256-GCM.
 *
 * @param context names where the value belongs; unsealing needs the same
 * @returns `s1.<iv>.<ciphertext and tag>`, base64url parts
 * @throws CryptoError `invalid_subject_key`
 */
export function sealWithSubjectKey(key: string, plaintext: string, context: string): string {
  return `${subjectForm}.${subjectSealingKey(key).seal(plaintext, context)}`;
}

/**
 * Opens what `sealWithSubjectKey` made.
 *
 * @throws CryptoError `unseal_failed` | `invalid_subject_key`
 */
export function unsealWithSubjectKey(key: string, sealed: string, context: string): string {
  const [form, iv, body, ...rest] = sealed.split('.');
  if (form !== subjectForm || iv === undefined || body === undefined || rest.length > 0) {
    throw unsealFailed('not a value sealed with a subject key');
  }
  return subjectSealingKey(key).unseal(iv, body, context);
}

/** The error of every failed unsealing. */
export function unsealFailed(message: string, cause?: unknown): CryptoError {
  return new CryptoError('unseal_failed', message, { cause });
}

function subjectSealingKey(key: string): SealingKey {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== keyLength) throw new CryptoError('invalid_subject_key', 'a subject key has 32 bytes');
  return new SealingKey(bytes);
}
