import { timingSafeEqual } from 'node:crypto';

import { BoundedCache } from '#libs/bounded-cache';

import { argon2idFits, argon2idHash } from './argon2id.js';
import { equalInConstantTime, KeyedHash } from './digest.js';
import { importedHashFits, importedHashSawAllOf, isImportedHash } from './imported-hash.js';
import { drawRandom } from './random.js';
import { type RootKey } from './root-key.js';
import { Turns } from './turns.js';

const secretLength = 26;
const secretAlphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~';
/** Bytes from here on would make the first symbols likelier than the others. */
const unbiasedBytes = 256 - (256 % secretAlphabet.length);
const hmacScheme = '$hmac-sha256$';
const argon2idScheme = '$argon2id$';

/** A new client secret: 26 characters, uniform from `a-z A-Z 0-9 _ - . ~`; 157 bits. */
export function generateClientSecret(): string {
  return secretOf(() => drawRandom(secretLength));
}

/** The client secret that belongs to a command, the same at every call: what `generateClientSecret` makes, of bytes of the root key. */
export function deriveClientSecret(root: RootKey, commandId: string): string {
  return secretOf((block) => root.derivedSecretBytes(commandId, block));
}

function secretOf(randomBytes: (block: number) => Uint8Array): string {
  let secret = '';
  for (let block = 0; secret.length < secretLength; block += 1) {
    for (const byte of randomBytes(block)) {
      if (byte < unbiasedBytes && secret.length < secretLength)
        secret += secretAlphabet.charAt(byte % secretAlphabet.length);
    }
  }
  return secret;
}

/** Who has a turn; see `Turns`. */
type Party = Parameters<Turns['run']>[0];

export type ClientSecretOptions = {
  /** How many computations of argon2id, bcrypt or PBKDF2 run at once; argon2id holds 19 MiB and a thread of the pool. Default 2. */
  readonly parallelHashes?: number;
  /** How many may wait for that; more are refused, or wrong secrets could make all others wait without end. Default 256. */
  readonly waitingHashes?: number;
  /** How many secrets of one client may wait to be verified; whoever has more has wrong ones. Default 4. */
  readonly waitingOfOneClient?: number;
  /** How many verified secrets are remembered. Default 10 000. */
  readonly rememberedSecrets?: number;
};

/**
 * Hashes and verifies client secrets: argon2id for those a person may have chosen, a keyed hash for those we generated.
 * Hashes taken over from elsewhere are bcrypt or PBKDF2 until their first use. A secret that was stretched and accepted is remembered in memory, as an HMAC under a key of this process, so that only the first
 * request of a client pays for the stretching.
 */
export class ClientSecrets {
  private readonly turns: Turns;
  private readonly ofHashing: Party;
  private readonly waitingOfOneClient: number;
  private readonly remembered: RememberedSecrets;
  private readonly running = new Map<string, Promise<boolean>>();

  constructor(
    private readonly root: RootKey,
    options: ClientSecretOptions = {},
  ) {
    const { parallelHashes = 2, waitingHashes = 256, waitingOfOneClient = 4, rememberedSecrets = 10_000 } = options;
    this.turns = new Turns(parallelHashes, waitingHashes);
    this.ofHashing = { party: 'hashing', maxWaiting: waitingHashes };
    this.waitingOfOneClient = waitingOfOneClient;
    this.remembered = new RememberedSecrets(rememberedSecrets);
  }

  /** @returns `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` @throws CryptoError `too_busy` */
  async hashChosen(secret: string): Promise<string> {
    return this.turns.run(this.ofHashing, () => argon2idHash(secret));
  }

  /** Only for secrets of 128 random bits or more. @returns `$hmac-sha256$k=<generation>$<mac>` */
  hashGenerated(secret: string): string {
    return this.root.generatedSecretHash(secret);
  }

  /** Whether the secret made the hash; false for an unknown scheme. @throws CryptoError `too_busy` */
  async verify(clientId: string, secretHash: string, secret: string): Promise<boolean> {
    const known = this.verifyRemembered(clientId, secretHash, secret);
    if (known !== undefined) return known;
    if (!secretHash.startsWith(argon2idScheme) && !isImportedHash(secretHash)) return false;
    const mac = this.remembered.macOf(secret);
    const attempt = `${clientId}\0${secretHash}\0${mac.toString('base64url')}`;
    // a client's first burst of requests asks the same question many times over: stretch once
    const running = this.running.get(attempt) ?? this.stretch(attempt, { clientId, secretHash, secret });
    return running;
  }

  /**
   * The answer of `verify` where it costs no stretching: generated secrets, and chosen ones verified before.
   *
   * @returns `undefined` when only `verify` can tell
   */
  verifyRemembered(clientId: string, secretHash: string, secret: string): boolean | undefined {
    if (secretHash.startsWith(hmacScheme)) {
      return equalInConstantTime(secretHash, this.root.generatedSecretHash(secret));
    }
    return this.remembered.has(clientId, secretHash, secret) ? true : undefined;
  }

  /** Whether a secret that was just verified by this hash should be hashed anew: taken over, and only this text can have made it. */
  isOutdated(secretHash: string, secret: string): boolean {
    return isImportedHash(secretHash) && importedHashSawAllOf(secretHash, secret);
  }

  private stretch(
    attempt: string,
    { clientId, secretHash, secret }: { clientId: string; secretHash: string; secret: string },
  ): Promise<boolean> {
    const ofClient = { party: `client ${clientId}`, maxWaiting: this.waitingOfOneClient };
    const running = this.turns
      .run(ofClient, () => (isImportedHash(secretHash) ? importedHashFits : argon2idFits)(secretHash, secret))
      .then((fits) => {
        if (fits) this.remembered.add(clientId, secretHash, secret);
        return fits;
      })
      .finally(() => this.running.delete(attempt));
    this.running.set(attempt, running);
    return running;
  }
}

/** The secrets verified last, each as an HMAC under a key that never leaves this process. */
class RememberedSecrets {
  private readonly mac = new KeyedHash('sha256', drawRandom(32));
  private readonly macs: BoundedCache<string, Buffer>;

  constructor(capacity: number) {
    this.macs = new BoundedCache(capacity);
  }

  macOf(secret: string): Buffer {
    return this.mac.bytes(secret);
  }

  has(clientId: string, secretHash: string, secret: string): boolean {
    const remembered = this.macs.get(keyOf(clientId, secretHash));
    return remembered !== undefined && timingSafeEqual(remembered, this.macOf(secret));
  }

  add(clientId: string, secretHash: string, secret: string): void {
    this.macs.set(keyOf(clientId, secretHash), this.macOf(secret));
  }
}

function keyOf(clientId: string, secretHash: string): string {
  return `${secretHash} ${clientId}`;
}
