import { hkdfSync } from 'node:crypto';

import { stretch } from './argon2id.js';
import { ChallengeSeal, type OpenedChallenge } from './challenge.js';
import { KeyedHash } from './digest.js';
import { CryptoError } from './errors.js';
import { uuidOf } from './ids.js';
import { OpaqueTokens } from './opaque-token.js';
import { drawRandom } from './random.js';
import { SealingKey, unsealFailed } from './sealing.js';

/** The root key as it is stored: `sealed` opens with a key stretched from the system secret as `kdf` says. */
export type SealedRootKey = {
  generation: number;
  kdf: { algorithm: 'argon2id'; salt: string; memoryKiB: number; passes: number; parallelism: number };
  sealed: string;
};

/** What a value sealed under the root key is; each has a key of its own. */
export type SealPurpose = 'private-key' | 'subject-key' | 'personal-data';

const currentForm = 'v1';
const keyBytes = 32;
const saltBytes = 16;
/** RFC 9106 section 4, second recommendation, in one lane: about 0.2 s, once per start. */
const stretchCost = { memoryKiB: 65_536, passes: 3, parallelism: 1 };

/** The key everything else is derived from (HKDF-SHA-256, one key per purpose). All methods are synchronous. */
export class RootKey {
  readonly #bytes: Buffer;
  readonly #sealing: Record<SealPurpose, SealingKey>;
  readonly #streamKeys: KeyedHash;
  readonly #tokens: OpaqueTokens;
  readonly #subjects: KeyedHash;
  readonly #verifiers: KeyedHash;
  readonly #secretValues: KeyedHash;
  readonly #generatedSecrets: KeyedHash;
  readonly #assertions: KeyedHash;
  readonly #idempotency: KeyedHash;
  readonly #derivedIds: KeyedHash;
  readonly #derivedSecrets: KeyedHash;
  readonly #challenges: ChallengeSeal;

  /** For `createRootKey`, `openRootKey` and specs that want a key at no cost. @param bytes 32 random bytes */
  constructor(
    readonly generation: number,
    bytes: Uint8Array,
  ) {
    this.#bytes = Buffer.from(bytes);
    this.#sealing = {
      'private-key': new SealingKey(this.#derive('seal private-key')),
      'subject-key': new SealingKey(this.#derive('seal subject-key')),
      'personal-data': new SealingKey(this.#derive('seal personal-data')),
    };
    this.#streamKeys = new KeyedHash('sha256', this.#derive('seal in stream'));
    this.#tokens = new OpaqueTokens(this.#derive('opaque-token'));
    this.#subjects = new KeyedHash('sha256', this.#derive('subject-hash'));
    this.#verifiers = new KeyedHash('sha256', this.#derive('verifier'));
    this.#secretValues = new KeyedHash('sha256', this.#derive('secret-value'));
    this.#generatedSecrets = new KeyedHash('sha256', this.#derive('generated-client-secret'));
    this.#assertions = new KeyedHash('sha256', this.#derive('client-assertion'));
    this.#idempotency = new KeyedHash('sha256', this.#derive('idempotency'));
    this.#derivedIds = new KeyedHash('sha256', this.#derive('derived-id'));
    this.#derivedSecrets = new KeyedHash('sha256', this.#derive('derived-client-secret'));
    this.#challenges = new ChallengeSeal(this.#derive('challenge'), generation);
  }

  /**
   * Seals a text with AES-256-GCM.
   *
   * @param context names where the value belongs (a stream, a row); unsealing needs the same
   * @returns `v1.<generation>.<iv>.<ciphertext and tag>`, the last two base64url
   */
  seal(purpose: SealPurpose, plaintext: string, context: string): string {
    return this.#named(this.#sealing[purpose].seal(plaintext, context));
  }

  /** @throws CryptoError `unseal_failed` for another key, purpose, context or generation, and for anything not sealed */
  unseal(purpose: SealPurpose, sealed: string, context: string): string {
    const { iv, body } = this.#parts(sealed);
    return this.#sealing[purpose].unseal(iv, body, context);
  }

  /**
   * As `seal`, under a key of the stream alone: of the random IVs of AES-GCM only so many may come under one key, and strangers
   * do the counting where events come of their requests.
   */
  sealInStream(stream: string, plaintext: string, context: string): string {
    return this.#named(this.#keyOfStream(stream).seal(plaintext, context));
  }

  /** @throws CryptoError `unseal_failed`, also for another stream */
  unsealInStream(stream: string, sealed: string, context: string): string {
    const { iv, body } = this.#parts(sealed);
    return this.#keyOfStream(stream).unseal(iv, body, context);
  }

  /** Names a person without naming them: base64url of HMAC-SHA-256, 43 characters. */
  subjectHash(subject: string): string {
    return this.#subjects.text(subject);
  }

  /** The verifier that belongs to a challenge, the same at every call: 32 lower-case hex digits. */
  verifier(kind: 'login' | 'consent', challenge: string): string {
    return this.#verifiers.bytes(`${kind} ${challenge}`).toString('hex', 0, 16);
  }

  /**
   * Seals what a flow asks for into a challenge, which goes through the browser.
   *
   * @param id 32 hexadecimal digits of a UUID of its own
   * @param context issuer and purpose; opening needs the same
   * @returns `undefined` where it would have more than 3,072 characters
   */
  sealChallenge(id: string, content: Uint8Array, context: string): string | undefined {
    return this.#challenges.seal(id, content, context);
  }

  /** What a challenge holds; `undefined` for anything that is not, letter by letter, one of this key, generation and context. */
  openChallenge(text: string, context: string): OpenedChallenge | undefined {
    return this.#challenges.open(text, context);
  }

  /** What is stored of a CSRF value or a verifier: base64url of HMAC-SHA-256, 43 characters. */
  secretValueHash(value: string): string {
    return this.#secretValues.text(value);
  }

  /**
   * Mints a code, access or refresh token of 43 + 1 + 43 characters: base64url of 32 random bytes, a dot, base64url of their
   * HMAC-SHA-512/256.
   *
   * @returns with it what is stored of it: base64url of SHA-256 of the part after the dot
   */
  mintToken(): { token: string; hash: string } {
    return this.#tokens.mint();
  }

  /** The hash under which a token of ours is stored; `undefined` for anything this key did not mint. */
  tokenHash(token: string): string | undefined {
    return this.#tokens.hashOf(token);
  }

  /** The key for `CookieSigner` where none is configured. */
  cookieKey(): Buffer {
    return this.#derive('cookie');
  }

  /**
   * What is stored of a client secret of 128 random bits or more, which needs no stretching.
   *
   * @returns `$hmac-sha256$k=<generation>$<mac>`, unpadded base64
   */
  generatedSecretHash(secret: string): string {
    const mac = this.#generatedSecrets.text(secret, 'base64');
    return `$hmac-sha256$k=${this.generation}$${mac.replace('=', '')}`;
  }

  /** What is stored of the `jti` of an assertion of this client: HMAC-SHA-256. */
  assertionHash(clientId: string, jti: string): Buffer {
    return this.#assertions.bytes(JSON.stringify([clientId, jti]));
  }

  /** What is stored of an idempotency key or a request body: base64url of HMAC-SHA-256, 43 characters. */
  idempotencyHash(value: string | Uint8Array): string {
    return this.#idempotency.text(value);
  }

  /** The id that belongs to a value, the same at every call, in the form of a UUIDv4. */
  derivedUuid(from: string): string {
    return uuidOf(this.#derivedIds.bytes(from));
  }

  /** The bytes that the generated client secret of a command is made of, 32 in each block. */
  derivedSecretBytes(commandId: string, block: number): Buffer {
    return this.#derivedSecrets.bytes(`${commandId} ${block}`);
  }

  /** Seals this key under a system secret; for `createRootKey` and `resealRootKey`. */
  async sealedUnder(systemSecret: string): Promise<SealedRootKey> {
    const kdf = { algorithm: 'argon2id' as const, salt: drawRandom(saltBytes).toString('base64url'), ...stretchCost };
    const sealingKey = await stretchedKey(systemSecret, kdf);
    const plaintext = this.#bytes.toString('base64url');
    return { generation: this.generation, kdf, sealed: sealingKey.seal(plaintext, sealingContext(this.generation)) };
  }

  #named(sealed: string): string {
    return `${currentForm}.${this.generation}.${sealed}`;
  }

  #parts(sealed: string): { iv: string; body: string } {
    const [form, generation, iv, body, ...rest] = sealed.split('.');
    if (form !== currentForm || iv === undefined || body === undefined || rest.length > 0) {
      throw unsealFailed('not a value sealed with a root key');
    }
    if (generation !== String(this.generation))
      throw unsealFailed('sealed under an unknown generation of the root key');
    return { iv, body };
  }

  #keyOfStream(stream: string): SealingKey {
    return new SealingKey(this.#streamKeys.bytes(stream));
  }

  #derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', `hydrant v1 ${purpose}`, keyBytes));
  }
}

/** Makes a random root key and seals it under a system secret. */
export async function createRootKey(
  systemSecret: string,
  generation: number,
): Promise<{ sealed: SealedRootKey; key: RootKey }> {
  const key = new RootKey(generation, drawRandom(keyBytes));
  return { sealed: await key.sealedUnder(systemSecret), key };
}

/**
 * Opens a stored root key with the first system secret that fits.
 *
 * @returns `sealedByFirst`: false when an older secret had to be used, so that the key should be resealed
 * @throws CryptoError `wrong_system_secret` | `invalid_root_key`
 */
export async function openRootKey(
  sealed: SealedRootKey,
  systemSecrets: readonly string[],
): Promise<{ key: RootKey; sealedByFirst: boolean }> {
  for (const [index, systemSecret] of systemSecrets.entries()) {
    const sealingKey = await stretchedKey(systemSecret, sealed.kdf);
    const bytes = unsealedBytes(sealingKey, sealed);
    if (bytes) return { key: new RootKey(sealed.generation, bytes), sealedByFirst: index === 0 };
  }
  throw new CryptoError('wrong_system_secret', 'none of the system secrets opens the root key');
}

/** Seals the root key anew, with a new salt; values sealed under the key stay readable. */
export async function resealRootKey(key: RootKey, systemSecret: string): Promise<SealedRootKey> {
  return key.sealedUnder(systemSecret);
}

async function stretchedKey(systemSecret: string, kdf: SealedRootKey['kdf']): Promise<SealingKey> {
  try {
    return new SealingKey(await stretch(systemSecret, Buffer.from(kdf.salt, 'base64url'), { ...kdf, bytes: keyBytes }));
  } catch (cause) {
    throw new CryptoError('invalid_root_key', 'the system secret cannot be stretched as the root key asks', { cause });
  }
}

function unsealedBytes(sealingKey: SealingKey, { sealed, generation }: SealedRootKey): Buffer | undefined {
  const [iv = '', body = ''] = sealed.split('.');
  try {
    return Buffer.from(sealingKey.unseal(iv, body, sealingContext(generation)), 'base64url');
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}

function sealingContext(generation: number): string {
  return `root key generation ${generation}`;
}
