import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Message, type PartitionerArgs, Partitioners } from 'kafkajs';
import { partitionOf } from './partition-of.js';

describe('partitionOf', () => {
  it('agrees with the one that comes with the library, which was ported from Java', () => {
    const other = Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
        const message: Message = { key, value: '' };
        const args = { topic: 't', message, partitionMetadata } as unknown as PartitionerArgs;
        expect(partitionOf(key, partitions)).toBe(other(args));
      }),
    );
  });
});
