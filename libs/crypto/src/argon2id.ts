import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { drawRandom } from './random.js';

type Argon2idCost = { memoryKiB: number; passes: number; parallelism: number };

const phcFormat =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
/** OWASP's recommendation for stored passwords. */
const storedCost: Argon2idCost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };
const maxMemoryKiB = 1_048_576;
const saltBytes = 16;
const hashBytes = 32;

const argon2Async = promisify(argon2);

/**
 * Stretches a text with argon2id in a worker thread.
 *
 * @see RFC 9106
 */
export async function stretch(
  text: string,
  salt: Uint8Array,
  { memoryKiB, passes, parallelism, bytes = hashBytes }: Argon2idCost & { bytes?: number },
): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: text,
    nonce: salt,
    memory: memoryKiB,
    passes,
    parallelism,
    tagLength: bytes,
  });
}

/** @returns the PHC string `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, unpadded base64. */
export async function argon2idHash(text: string): Promise<string> {
  const { memoryKiB, passes, parallelism } = storedCost;
  const salt = drawRandom(saltBytes);
  const hash = await stretch(text, salt, storedCost);
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether `text` made this PHC string; a malformed or absurdly costly one fits nothing. */
export async function argon2idFits(phc: string, text: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, hash] = phcFormat.exec(phc) ?? [];
  if (salt === undefined || hash === undefined) return false;
  const cost = { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  if (cost.passes < 1 || cost.parallelism < 1) return false;
  if (cost.memoryKiB < 8 * cost.parallelism || cost.memoryKiB > maxMemoryKiB) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = await stretch(text, Buffer.from(salt, 'base64'), { ...cost, bytes: expected.length });
  return timingSafeEqual(actual, expected);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
