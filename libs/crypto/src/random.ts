import { randomBytes, randomFillSync } from 'node:crypto';

// one call into OpenSSL costs about 3 µs whether it yields 16 bytes or 4096
const pool = Buffer.alloc(4096);
let consumed = pool.length;

/** Draws cryptographically random bytes; what was handed out is wiped from the pool. */
export function drawRandom(bytes: number): Buffer {
  if (bytes > pool.length) return randomBytes(bytes);
  if (consumed + bytes > pool.length) {
    randomFillSync(pool);
    consumed = 0;
  }
  const end = consumed + bytes;
  const drawn = Buffer.from(pool.subarray(consumed, end));
  pool.fill(0, consumed, end);
  consumed = end;
  return drawn;
}
