import { createCipheriv, createDecipheriv } from 'node:crypto';

import { KeyedHash } from './digest.js';

const form = 1;
const idLength = 16;
const headerLength = 2 + idLength;
const tagLength = 16;
const algorithm = 'aes-256-gcm';
/** Each key seals one content, so there is no other that the initialisation vector would have to differ from. */
const iv = Buffer.alloc(12);

/** A longer challenge is not made, and not looked at: browsers, proxies and firewalls cut what is much longer. */
const maxChallengeLength = 3_072;

/** What a challenge holds, and the id that names it, 32 hexadecimal digits. */
export type OpenedChallenge = { readonly id: string; readonly content: Buffer };

/**
 * Texts that hold what a flow asks for, on the way through the browser instead of in the log: base64url of a version, the generation of the
 * root key, an id, AES-256-GCM ciphertext and tag. The key is HMAC-SHA-256 of the id, and the context is authenticated along with everything
 * that is in clear.
 */
export class ChallengeSeal {
  private readonly keys: KeyedHash;

  /** @param generation 0 to 255 */
  constructor(
    key: Uint8Array,
    private readonly generation: number,
  ) {
    this.keys = new KeyedHash('sha256', key);
  }

  /**
   * @param id 32 hexadecimal digits that never come again: of a UUID
   * @returns `undefined` where the text would have more than 3,072 characters
   */
  seal(id: string, content: Uint8Array, context: string): string | undefined {
    const idBytes = Buffer.from(id, 'hex');
    if (idBytes.length !== idLength) throw new TypeError('the id of a challenge has 16 bytes');
    if (textLength(headerLength + content.length + tagLength) > maxChallengeLength) return undefined;
    const header = Buffer.concat([Buffer.from([form, this.generation]), idBytes]);
    const cipher = createCipheriv(algorithm, this.keys.bytes(idBytes), iv);
    cipher.setAAD(authenticated(header, context));
    const body = cipher.update(content);
    cipher.final();
    return Buffer.concat([header, body, cipher.getAuthTag()]).toString('base64url');
  }

  /** `undefined` for anything but the one spelling of a text that was sealed with this key and context. */
  open(text: string, context: string): OpenedChallenge | undefined {
    if (text.length > maxChallengeLength) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < headerLength + tagLength || bytes.toString('base64url') !== text) return undefined;
    if (bytes[0] !== form || bytes[1] !== this.generation) return undefined;
    const header = bytes.subarray(0, headerLength);
    const id = header.subarray(2);
    try {
      const decipher = createDecipheriv(algorithm, this.keys.bytes(id), iv, { authTagLength: tagLength });
      decipher.setAAD(authenticated(header, context));
      decipher.setAuthTag(bytes.subarray(-tagLength));
      const content = decipher.update(bytes.subarray(headerLength, -tagLength));
      decipher.final(); // throws unless key, context and bytes are those of sealing
      return { id: id.toString('hex'), content };
    } catch {
      return undefined;
    }
  }
}

function textLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

function authenticated(header: Uint8Array, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context)]); // a header is always as long
}
