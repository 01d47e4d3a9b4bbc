import { describe, expect, it } from '@jest/globals';
import { toSeconds } from './seconds.js';

describe('toSeconds (RFC 7519 2)', () => {
  it.each([
    ['2019-04-03T10:00:00.000Z', 1554285600],
    ['2019-04-03T10:00:00.999Z', 1554285600],
    ['1969-12-31T23:59:59.500Z', -1],
  ])('%s', (time, seconds) => {
    expect(toSeconds(time)).toBe(seconds);
    expect(toSeconds(new Date(time))).toBe(seconds);
  });
});
