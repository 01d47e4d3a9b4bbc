import { describe, expect, it } from '@jest/globals';
import { RepeatedNotice } from './notice.js';

describe('RepeatedNotice', () => {
  it('tells at once, then no more often than every ten seconds', () => {
    const told: string[] = [];
    let now = 0;
    const notice = new RepeatedNotice(
      (text, level) => told.push(`${level} ${text}`),
      'warn',
      () => now,
    );
    for (; now < 25_000; now += 100) notice.tell(String(now));
    expect(told).toEqual(['warn 0', 'warn 10000', 'warn 20000']);
  });
});
