import { createRequire } from 'node:module';

/** What kafkajs writes requests with; values of Kafka's protocol one after another. */
export interface Encoder {
  buf: Buffer;
  offset: number;
  readonly buffer: Buffer;
  ensureAvailable: (this: Encoder, length: number) => void;
  writeUVarInt: (this: Encoder, value: number) => Encoder;
  writeVarLong: (this: Encoder, value: number) => Encoder;
  writeBuffer(value: Buffer): Encoder;
  writeString(value: string): Encoder;
}

type EncoderClass = {
  new (): Encoder;
  readonly prototype: Encoder;
  nextPowerOfTwo: (this: void, value: number) => number;
  encodeZigZag(value: number): number;
  sizeOfVarInt(value: number): number;
  sizeOfVarLong: (this: EncoderClass, value: number) => number;
};

/**
 * The library's encoder, made cheaper where it is used a dozen times a record, with the same bytes as before. It begins with half a KiB for
 * each header of a record; as much as V8 keeps beside the object will do for most. It writes every length through an array, a buffer and a
 * copy, and every difference of times, which is small, as a number of 64 bits.
 */
export const encoderClass = createRequire(import.meta.url)('kafkajs/src/protocol/encoder') as EncoderClass;

const usualBytes = 511;
const firstBytes = 64;
const { nextPowerOfTwo, sizeOfVarLong } = encoderClass;
const { writeVarLong } = encoderClass.prototype;

/** Asked by the constructor alone: what an encoder grows to is said below. */
encoderClass.nextPowerOfTwo = (value) => (value === usualBytes ? firstBytes : nextPowerOfTwo(value));

encoderClass.prototype.ensureAvailable = function (length) {
  const needed = this.offset + length;
  if (needed <= this.buf.length) return;
  const grown = Buffer.alloc(nextPowerOfTwo(needed));
  this.buf.copy(grown, 0, 0, this.offset);
  this.buf = grown;
};

encoderClass.prototype.writeUVarInt = function (value) {
  this.ensureAvailable(5);
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) this.buf[this.offset++] = (rest & 0x7f) | 0x80;
  this.buf[this.offset++] = rest;
  return this;
};

encoderClass.prototype.writeVarLong = function (value) {
  return isSmall(value) ? this.writeUVarInt(encoderClass.encodeZigZag(value)) : writeVarLong.call(this, value);
};

encoderClass.sizeOfVarLong = function (value) {
  return isSmall(value) ? this.sizeOfVarInt(value) : sizeOfVarLong.call(this, value);
};

/** Whether it has the same form as a number of 32 bits. */
function isSmall(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 30;
}
