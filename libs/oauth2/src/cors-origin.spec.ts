import { describe, expect, it } from '@jest/globals';
import { normaliseOrigin } from './cors-origin.js';

describe('normaliseOrigin (admin-api.md 2.1 rule 6)', () => {
  it.each([
    ['http://foo.com/', 'http://foo.com'],
    ['https://foo.com:8080', 'https://foo.com:8080'],
    ['HTTPS://Foo.com', 'https://Foo.com'],
    ['http://*.foo.com', 'http://*.foo.com'],
    ['http://[::1]:80', 'http://[::1]:80'],
  ])('%s', (origin, stored) => expect(normaliseOrigin(origin)).toBe(stored));

  it.each([
    ...['', '*', 'foo.com', 'null', 'http://', 'ftp://foo.com', 'http://u:p@foo.com', 'http://@foo.com'],
    ...['http://foo.com/a', 'http://foo.com//', 'http://foo.com?x=1', 'http://foo.com?', 'http://foo.com/#f'],
    ...['http://foo.com#', 'http://foo.com:port', 'http://foo bar', 'http://foo.com, http://bar.com'],
  ])('refuses %j and names it', (origin) => {
    const hint: unknown = expect.stringContaining(`"${origin}"`);
    expect(() => normaliseOrigin(origin)).toThrow(expect.objectContaining({ code: 'invalid_request', hint }));
  });
});
