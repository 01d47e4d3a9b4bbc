import { describe, expect, it } from '@jest/globals';
import { BoundedCache } from './bounded-cache.js';

describe('BoundedCache', () => {
  it('keeps what is used and drops the rest', () => {
    const cache = new BoundedCache<number, string>(10);
    for (let key = 0; key < 100; key += 1) {
      cache.set(key, `value ${key}`);
      expect(cache.get(0)).toBe('value 0');
    }
    expect(cache.get(99)).toBe('value 99');
    const held = Array.from({ length: 100 }, (_, key) => key).filter((key) => cache.get(key) !== undefined);
    expect(held.length).toBeLessThanOrEqual(10);
  });

  it('drops nothing for a key it holds', () => {
    const cache = new BoundedCache<string, number>(4);
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 0);
    for (let value = 0; value < 10; value += 1) {
      cache.set('c', value);
      cache.set('d', value);
    }
    expect([cache.get('c'), cache.get('d'), cache.get('a')]).toEqual([9, 9, 0]);
  });

  it('does not bring an earlier value back when the later one is deleted', () => {
    const cache = new BoundedCache<number, string>(4);
    cache.set(1, 'first');
    cache.set(2, 'other');
    cache.set(3, 'moves 1 into the old generation');
    cache.set(1, 'second');
    cache.deleteWhere((value) => value === 'second');
    expect(cache.get(1)).toBeUndefined();
  });

  it('holds no more bytes than it may, of whatever size its values are', () => {
    const cache = new BoundedCache<number, string>(1_000, { maxBytes: 1_000, bytesOf: ({ length }) => length });
    const held = (): number =>
      Array.from({ length: 500 }, (_, key) => cache.get(key)?.length ?? 0).reduce((a, b) => a + b);
    for (let key = 0; key < 500; key += 1) {
      cache.set(key, 'x'.repeat(key % 7 === 0 ? 300 : 10));
      if (key % 50 === 0) cache.set(0, 'x'.repeat(400)); // a value that grows
      if (key % 60 === 0) cache.delete(key);
    }
    expect(cache.get(499)).toBe('x'.repeat(10));
    expect(held()).toBeLessThanOrEqual(1_000);
    expect(held()).toBeGreaterThan(200);
  });

  it('does not keep what would take the place of everything else', () => {
    const cache = new BoundedCache<string, string>(10, { maxBytes: 100, bytesOf: ({ length }) => length });
    cache.set('a', 'small');
    cache.set('large', 'x'.repeat(51));
    expect([cache.get('a'), cache.get('large')]).toEqual(['small', undefined]);
    cache.set('a', 'y'.repeat(51));
    expect(cache.get('a')).toBeUndefined(); // and not its earlier value
  });

  it('gives the latest value, and none that was deleted', () => {
    const cache = new BoundedCache<number, string>(2);
    cache.set(1, 'first');
    cache.set(2, 'moves 1 into the old generation');
    cache.set(1, 'second');
    expect(cache.get(1)).toBe('second');
    cache.delete(1);
    expect(cache.get(1)).toBeUndefined();
    cache.deleteWhere((value) => value.startsWith('moves'));
    expect(cache.get(2)).toBeUndefined();
    cache.set(3, 'third');
    cache.clear();
    expect(cache.get(3)).toBeUndefined();
  });
});
