import { describe, expect, it } from '@jest/globals';
import { encoderClass } from './encoder.js';

/** Zigzag and base 128, as Kafka's protocol guide has them. */
function varLong(value: number): number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? BigInt(-value) * 2n - 1n : BigInt(value) * 2n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const edges = [0, 63, 64, 8_191, 8_192, 2 ** 20, 2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1].flatMap((value) => [value, -value]);

describe('the encoder that requests to Kafka are written with', () => {
  it.each(edges)('writes %d as Kafka reads it', (value) => {
    expect([...new encoderClass().writeVarLong(value).buffer]).toEqual(varLong(value));
    expect(encoderClass.sizeOfVarLong(value)).toBe(varLong(value).length);
    const zigZag = encoderClass.encodeZigZag(value);
    expect([...new encoderClass().writeUVarInt(zigZag).buffer]).toEqual(varLong(value));
  });

  it.each([1_700_000_000_000, -1_700_000_000_000])('writes %d, which has more than 32 bits, too', (value) => {
    expect([...new encoderClass().writeVarLong(value).buffer]).toEqual(varLong(value));
    expect(encoderClass.sizeOfVarLong(value)).toBe(varLong(value).length);
  });

  it('grows beyond what it begins with', () => {
    const encoder = new encoderClass();
    for (let count = 0; count < 1_000; count += 1) encoder.writeUVarInt(count % 128);
    expect([...encoder.buffer]).toEqual(Array.from({ length: 1_000 }, (_, index) => index % 128));
  });

  it('holds what it is given, of whatever length, before and after something else', () => {
    for (let length = 0; length < 2_100; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 251));
      const text = 'x'.repeat(length);
      for (const before of [0, 1, 60, 64]) {
        const encoder = new encoderClass().writeBuffer(Buffer.alloc(before, 7)).writeBuffer(bytes).writeString(text);
        const expected = [Buffer.alloc(before, 7), bytes, Buffer.of(length >> 8, length & 255), Buffer.from(text)];
        if (!encoder.buffer.equals(Buffer.concat(expected)))
          throw new Error(`${length} bytes behind ${before} are not as they were`);
      }
    }
  });
});
