import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

describe('BackOff', () => {
  it('makes each connection wait longer, up to a second behind the one before, and none after a quiet while', () => {
    let now = 0;
    const backOff = new BackOff(() => now);
    const next = (): number => {
      const pauseMs = backOff.nextPauseMs();
      now += pauseMs;
      return pauseMs;
    };
    expect(Array.from({ length: 8 }, next)).toEqual([0, 50, 100, 200, 400, 800, 1_000, 1_000]);
    now += 5_001;
    expect(next()).toBe(0);
  });
});
