import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import {
  type ClientAssertionCommand,
  type ClientAssertionEvent,
  assertionBucket,
  clientAssertion,
} from './client-assertion.js';

const given = deciderSpec(clientAssertion);
const refusedFrom = '2030-01-01T12:05:00.000Z';
const use = (assertionHash: string): ClientAssertionCommand => ({
  type: 'UseClientAssertion',
  data: { assertionHash, refusedFrom },
});
const used = (assertionHash: string): ClientAssertionEvent => ({
  type: 'ClientAssertionUsed',
  data: { assertionHash, refusedFrom },
});

describe('UseClientAssertion', () => {
  it('records the hash', () => given().when(use('one')).thenEvents(used('one')));
  it('knows others of the same bucket apart', () =>
    given(used('one'), used('two')).when(use('o')).thenEvents(used('o')));
  it('is refused the second time', () =>
    given(used('one'), used('two')).when(use('one')).thenRefuses('assertion_used'));
});

describe('assertionBucket', () => {
  it('is the same for five minutes, and ends after the last that is in it', () => {
    const bucketAt = (time: string) => assertionBucket(new Date(time), 7);
    expect(bucketAt('2030-01-01T12:00:00.000Z')).toEqual({ id: '6311664-07', refusedFrom });
    expect(bucketAt('2030-01-01T12:04:59.999Z')).toEqual({ id: '6311664-07', refusedFrom });
    expect(bucketAt('2030-01-01T12:05:00.000Z').id).toBe('6311665-07');
    expect(assertionBucket(new Date('2030-01-01T12:00:00.000Z'), 255).id).toBe('6311664-ff');
  });
});
