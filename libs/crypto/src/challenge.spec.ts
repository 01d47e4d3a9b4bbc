import { describe, expect, it } from '@jest/globals';

import { RootKey } from './root-key.js';

const key = new RootKey(1, Buffer.alloc(32, 7));
const id = '0193b6f27c2d7a4f9d3a000000000001';
const context = 'login https://op.example/';
const content = Buffer.from('what a flow asks for');
const sealed = key.sealChallenge(id, content, context)!;

describe('a sealed challenge', () => {
  it('opens to what it holds, and its id', () => {
    expect(key.openChallenge(sealed, context)).toEqual({ id, content });
  });

  it('stays what it is: browsers hold it while the program is replaced', () => {
    expect(sealed).toMatchInlineSnapshot(`"AQEBk7byfC16T506AAAAAAABdjaHWv82aA1lSIS4CBAV0h2CtNyAOpE0v0Firz_DE0dyGVyC"`);
  });

  it('names its version and the generation of the root key in front of its id', () => {
    expect(Buffer.from(sealed, 'base64url').toString('hex', 0, 18)).toBe(`0101${id}`);
    expect(sealed).toHaveLength(Math.ceil(((18 + content.length + 16) * 4) / 3));
  });

  it('shows nothing of what it holds, and has a key of its own for each id', () => {
    const zeros = Buffer.alloc(64);
    const bodies = [id, id.replace(/1$/, '2')].map((each) =>
      Buffer.from(key.sealChallenge(each, zeros, context)!, 'base64url').toString('hex', 18),
    );
    expect(new Set([...bodies, zeros.toString('hex')]).size).toBe(3);
  });

  it('opens for no other context, key or generation', () => {
    expect(key.openChallenge(sealed, 'login https://other.example/')).toBeUndefined();
    expect(key.openChallenge(sealed, 'consent https://op.example/')).toBeUndefined();
    expect(new RootKey(1, Buffer.alloc(32, 8)).openChallenge(sealed, context)).toBeUndefined();
    expect(new RootKey(2, Buffer.alloc(32, 7)).openChallenge(sealed, context)).toBeUndefined();
  });

  it('does not open with any of its bits turned', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = turned[bit >> 3]! ^ (1 << (bit & 7));
      expect(key.openChallenge(turned.toString('base64url'), context)).toBeUndefined();
    }
  });

  it.each([
    ['padded', (text: string) => `${text}=`],
    ['with a blank', (text: string) => `${text.slice(0, 9)} ${text.slice(9)}`],
    ['with a line end', (text: string) => `${text}\n`],
    ['with another sign in it', (text: string) => `${text.slice(0, 9)}.${text.slice(9)}`],
    ['in the standard alphabet', (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')],
    ['with unused bits set', (text: string) => text.slice(0, -1) + nextLetter(text.at(-1)!)],
    ['cut', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
  ])('has one spelling: not %s', (_, respell) => {
    const respelled = respell(sealedWithEverySign());
    expect(key.openChallenge(sealedWithEverySign(), context)).toBeDefined();
    expect(key.openChallenge(respelled, context)).toBeUndefined();
  });

  it('has 3,072 characters at most', () => {
    const most = 2_304 - 18 - 16;
    const longest = key.sealChallenge(id, Buffer.alloc(most), context)!;
    expect(longest).toHaveLength(3_072);
    expect(key.openChallenge(longest, context)).toBeDefined();
    expect(key.sealChallenge(id, Buffer.alloc(most + 1), context)).toBeUndefined();
    expect(key.openChallenge('A'.repeat(1_000_000), context)).toBeUndefined();
  });

  it('needs an id of 16 bytes', () => {
    expect(() => key.sealChallenge('short', content, context)).toThrow(TypeError);
  });
});

/** One whose text has `-` and `_`, and two bits at its end that mean nothing. */
function sealedWithEverySign(): string {
  for (let length = 90; ; length += 3) {
    const text = key.sealChallenge(id, Buffer.alloc(length + 1, length), context)!;
    if (/-.*_|_.*-/.test(text)) return text;
  }
}

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1]!;
}
