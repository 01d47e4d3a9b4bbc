import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { newSubjectKey, sealWithSubjectKey, unsealWithSubjectKey } from './sealing.js';

const key = newSubjectKey();
const failed = expect.objectContaining({ name: 'CryptoError', code: 'unseal_failed' });

describe('sealing with a subject key', () => {
  it('opens with the same key and context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, context) => {
        expect(unsealWithSubjectKey(key, sealWithSubjectKey(key, text, context), context)).toBe(text);
      }),
    );
  });

  it('is URL-safe and different every time', () => {
    const sealed = sealWithSubjectKey(key, 'alice@example.org', 'consent-1');
    expect(sealed).toMatch(/^s1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+$/);
    expect(sealWithSubjectKey(key, 'alice@example.org', 'consent-1')).not.toBe(sealed);
  });

  it('does not open with another key or context', () => {
    const sealed = sealWithSubjectKey(key, 'alice', 'consent-1');
    expect(() => unsealWithSubjectKey(newSubjectKey(), sealed, 'consent-1')).toThrow(failed);
    expect(() => unsealWithSubjectKey(key, sealed, 'consent-2')).toThrow(failed);
  });

  it('does not open when any part is changed, missing or more', () => {
    const sealed = sealWithSubjectKey(key, 'alice', 'c');
    const [form = '', iv = '', body = ''] = sealed.split('.');
    const damaged = [
      '',
      'alice',
      `${form}.${iv}`,
      `${sealed}.x`,
      `v1.${iv}.${body}`,
      `${form}..${body}`,
      `${form}.${iv}.`,
    ];
    for (let index = 3; index < sealed.length; index += 1) {
      if (sealed.charAt(index) !== '.') damaged.push(sealed.slice(0, index) + '*' + sealed.slice(index + 1));
    }
    for (const text of damaged) expect(() => unsealWithSubjectKey(key, text, 'c')).toThrow(failed);
  });

  it('refuses a key that is not 32 bytes', () => {
    expect(() => sealWithSubjectKey('short', 'alice', 'c')).toThrow(
      expect.objectContaining({ code: 'invalid_subject_key' }),
    );
  });
});
