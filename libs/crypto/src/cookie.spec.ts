import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { CookieSigner } from './cookie.js';

const signer = new CookieSigner('a cookie secret');
const now = new Date('2026-05-01T12:00:00.900Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

describe('CookieSigner', () => {
  it('gives back what it signed, URL-safe', () => {
    const value = { sid: 'ä/€', list: [1, null, { deep: true }] };
    const cookie = signer.sign('session', value, now);
    expect(cookie).toMatch(/^v1\.\d+\.[\w-]+\.[\w-]{43}$/);
    expect(signer.verify('session', cookie, { now })).toEqual(value);
  });

  it('binds the name and the key', () => {
    const cookie = signer.sign('session', { sid: '1' }, now);
    expect(signer.verify('csrf', cookie, { now })).toBeUndefined();
    expect(signer.verify('', cookie, { now })).toBeUndefined();
    expect(new CookieSigner('another').verify('session', cookie, { now })).toBeUndefined();
    expect(new CookieSigner(Buffer.from('a cookie secret')).verify('session', cookie, { now })).toEqual({ sid: '1' });
  });

  it('refuses what is too old, and nothing older without a limit', () => {
    const cookie = signer.sign('session', { sid: '1' }, now);
    expect(signer.verify('session', cookie, { now: later(60), maxAgeSeconds: 60 })).toEqual({ sid: '1' });
    expect(signer.verify('session', cookie, { now: later(61), maxAgeSeconds: 60 })).toBeUndefined();
    expect(signer.verify('session', cookie, { now: later(10 ** 9) })).toEqual({ sid: '1' });
  });

  it('refuses a cookie with any character changed', () => {
    const cookie = signer.sign('session', { sid: '1' }, now);
    for (let index = 0; index < cookie.length; index += 1) {
      const changed = cookie.charAt(index) === 'A' ? 'B' : 'A';
      const altered = cookie.slice(0, index) + changed + cookie.slice(index + 1);
      expect(signer.verify('session', altered, { now })).toBeUndefined();
    }
  });

  it('never throws on garbage', () => {
    for (const garbage of ['', '.', '....', 'v1', 'v1.1.e30.', `${signer.sign('a', {}, now)}.x`]) {
      expect(signer.verify('a', garbage, { now })).toBeUndefined();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => signer.verify('a', text, { now }) === undefined));
  });
});
