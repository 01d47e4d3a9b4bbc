import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { constants, gunzip, gzip, gzipSync } from 'node:zlib';
import type * as Library from 'kafkajs';

/** Below this it takes a millisecond at most. */
const smallBytes = 64 * 1024;
/** Records are alike, and the lowest level finds nearly all of that in a third of the time. */
const options = { level: constants.Z_BEST_SPEED };
const [compress, decompress] = [promisify(gzip), promisify(gunzip)];

/**
 * The library hands the records of every partition to a thread and waits for them, one after the other: where the process has other things
 * to do, two dozen small ones of a transaction have to wait for it as often. Here those are compressed at once.
 */
const { CompressionCodecs, CompressionTypes } = createRequire(import.meta.url)('kafkajs') as typeof Library;
CompressionCodecs[CompressionTypes.GZIP] = () => ({
  compress: async ({ buffer }: { readonly buffer: Buffer }) =>
    buffer.length < smallBytes ? gzipSync(buffer, options) : compress(buffer, options),
  decompress: (buffer: Buffer) => decompress(buffer),
});
