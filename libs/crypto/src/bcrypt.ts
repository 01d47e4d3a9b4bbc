import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { CryptoError } from './errors.js';

/** Modular crypt format: scheme, cost, 16 bytes of salt, 23 bytes of hash. */
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const leastCost = 4;
const greatestCost = 14;
/** bcrypt looks at no more of a secret than this. */
const significantBytes = 72;

/**
 * Checks a bcrypt hash that is to be stored as it is.
 *
 * @param text `$2a$`, `$2b$` or `$2y$`, cost 4 to 14: a dearer one would keep the process busy for seconds at each attempt
 * @throws CryptoError `invalid_secret_hash`
 */
export function checkBcryptHash(text: string): void {
  const cost = bcrypt.exec(text)?.[1];
  if (cost === undefined) throw invalid('a secret hash must be bcrypt: $2a$, $2b$ or $2y$, 60 characters');
  if (Number(cost) < leastCost || Number(cost) > greatestCost) {
    throw invalid(`the bcrypt cost of a secret hash must be ${leastCost} to ${greatestCost}`);
  }
}

/** Whether this is a bcrypt hash at all. */
export function isBcryptHash(text: string): boolean {
  return bcrypt.test(text);
}

/** Compiled or not, as this file is. */
const workerFile = new URL(`./bcrypt-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Whether `text` made this hash; false for one that `checkBcryptHash` refuses. In a thread of its own, which is gone afterwards: bcryptjs
 * is plain JavaScript, and each hash is replaced at its first use.
 */
export async function bcryptFits(hash: string, text: string): Promise<boolean> {
  const cost = Number(bcrypt.exec(hash)?.[1]);
  if (!(cost >= leastCost && cost <= greatestCost)) return false;
  const worker = new Worker(workerFile, { workerData: { hash, text }, execArgv: [], env: {} });
  const answers: unknown[] = await once(worker, 'message');
  return answers[0] === true;
}

/** Whether only this text can have made the hash it fits: bcrypt ignores what is long, and repeats what ends at a NUL. */
export function bcryptSawAllOf(text: string): boolean {
  return Buffer.byteLength(text) <= significantBytes && !text.includes('\0');
}

function invalid(reason: string): CryptoError {
  return new CryptoError('invalid_secret_hash', reason);
}
