import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['720h', 2_592_000_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['5m5s5ms', 305_005],
    ['30m1h', 5_400_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '',
    '1',
    '60',
    'h',
    '1 h',
    ' 1h',
    '1h ',
    '-1h',
    '+1h',
    '1d',
    '1H',
    '.5h',
    '1.h',
    '1h30',
    '1e3s',
    '1,5s',
    '0x1h',
  ])('refuses %j', (text) => expect(parseDuration(text)).toBeUndefined());
  it.each(['0s', '0h0m', '0.0ms'])('refuses %s: not positive', (text) => expect(parseDuration(text)).toBeUndefined());
  it.each(['99999999999h', `${'9'.repeat(400)}h`])('refuses a duration beyond every calendar: %#', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});
