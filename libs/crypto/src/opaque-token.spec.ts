import { createHash, createHmac } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { OpaqueTokens } from './opaque-token.js';

const key = Buffer.alloc(32, 7);
const tokens = new OpaqueTokens(key);

describe('opaque tokens', () => {
  it('are 43 + 1 + 43 characters: random bytes and their HMAC-SHA-512/256', () => {
    const { token, hash } = tokens.mint();
    const [random = '', signature = ''] = token.split('.');
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
    const mac = createHmac('sha512-256', key).update(Buffer.from(random, 'base64url')).digest('base64url');
    expect(signature).toBe(mac);
    expect(hash).toBe(createHash('sha256').update(signature).digest('base64url'));
  });

  it('are told by their HMAC', () => {
    const { token, hash } = tokens.mint();
    expect(tokens.hashOf(token)).toBe(hash);
    expect(new OpaqueTokens(Buffer.alloc(32, 8)).hashOf(token)).toBeUndefined();
  });

  it('are refused with any character changed', () => {
    const { token } = tokens.mint();
    for (let index = 0; index < token.length; index += 1) {
      const changed = token.charAt(index) === 'A' ? 'B' : 'A';
      expect(tokens.hashOf(token.slice(0, index) + changed + token.slice(index + 1))).toBeUndefined();
    }
  });

  it('have one spelling only', () => {
    const { token } = tokens.mint();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = [42, 86].flatMap((last) =>
      [...alphabet].map((character) => token.slice(0, last) + character + token.slice(last + 1)),
    );
    expect(spellings.filter((spelling) => tokens.hashOf(spelling) !== undefined)).toEqual([token, token]);
  });

  it('are never found in garbage', () => {
    const { token } = tokens.mint();
    for (const garbage of ['', '.', `${token}\n`, `${token}=`, ` ${token}`, token.replace('.', ''), 'Ā'.repeat(87)]) {
      expect(tokens.hashOf(garbage)).toBeUndefined();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => tokens.hashOf(text) === undefined));
  });
});
