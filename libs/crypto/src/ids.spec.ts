import { describe, expect, it } from '@jest/globals';

import { randomHex, uuidV4, uuidV7 } from './ids.js';

describe('uuidV7', () => {
  it('has the layout of RFC 9562 section 5.7 and starts with the time', () => {
    const now = new Date('2100-01-02T03:04:05.678Z');
    const id = uuidV7(now);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(now.getTime());
  });

  it('grows within one millisecond, also when the count is used up', () => {
    const now = new Date('2100-01-03T00:00:00Z');
    const ids = Array.from({ length: 10_000 }, () => uuidV7(now));
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('grows when the clock goes back', () => {
    const before = uuidV7(new Date('2100-01-04T00:00:01Z'));
    expect(uuidV7(new Date('2100-01-04T00:00:00Z')) > before).toBe(true);
  });
});

describe('random ids', () => {
  it('makes version 4 UUIDs', () => {
    expect(uuidV4()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('makes hex of any length, never the same twice', () => {
    expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
    expect(randomHex(5000)).toHaveLength(10_000);
    expect(new Set(Array.from({ length: 2000 }, () => randomHex(16))).size).toBe(2000);
  });
});
