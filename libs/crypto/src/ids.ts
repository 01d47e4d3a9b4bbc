import { randomUUID } from 'node:crypto';

import { drawRandom } from './random.js';

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const lastCount = 0xfff;

let lastMs = -1;
let count = 0;

/**
 * A time-ordered UUID, dashed and lower-case. Every one is greater than the one before it in this process, also within a
 * millisecond and when `now` goes back: `rand_a` counts, and the time never decreases.
 *
 * @see RFC 9562 sections 5.7 and 6.2 (method 1)
 */
export function uuidV7(now: Date): string {
  const random = drawRandom(10);
  const ms = now.getTime();
  if (ms > lastMs) {
    lastMs = ms;
    count = random.readUInt16BE(8) & (lastCount >> 1); // the upper half is left to count in
  } else if (count === lastCount) {
    lastMs += 1;
    count = 0;
  } else {
    count += 1;
  }
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const time = lastMs.toString(16).padStart(12, '0');
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-` +
    `${hexOf(random, 0, 2)}-${hexOf(random, 2, 8)}`
  );
}

/** A random UUID, dashed and lower-case. */
export function uuidV4(): string {
  return randomUUID();
}

/** A UUIDv4 (RFC 9562 section 5.4) of the first 16 bytes given, but for the six bits of version and variant. */
export function uuidOf(bytes: Uint8Array): string {
  const uuid = Uint8Array.from(bytes.subarray(0, 16));
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(uuid).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Random bytes as lower-case hex, two digits a byte. */
export function randomHex(bytes: number): string {
  return drawRandom(bytes).toString('hex');
}

function hexOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index += 1) text += hexOfByte[bytes[index] ?? 0];
  return text;
}
