import { describe, expect, it } from '@jest/globals';
import { parseKeySet, signatureKeys } from './client-keys.js';

const n = `${'x'.repeat(341)}w`;
const key = { kty: 'RSA', use: 'sig', kid: 'a', n, e: 'AQAB' };

describe('signatureKeys (oauth2-flows.md 3.9)', () => {
  it('keeps what verifies, and no private half', () => {
    const others = { alg: 'RS256', x5c: ['AAAA'], d: 'AQAB', p: 'AQAB' };
    expect(
      signatureKeys([
        { ...key, ...others },
        { ...key, kid: 'b' },
      ]),
    ).toEqual([key, { ...key, kid: 'b' }]);
  });

  it.each<[string, unknown]>([
    ['no use', { ...key, use: undefined }],
    ['another use', { ...key, use: 'enc' }],
    ['no kid', { ...key, kid: undefined }],
    ['an empty kid', { ...key, kid: '' }],
    ['a kid that is no text', { ...key, kid: 1 }],
    ['another type', { ...key, kty: 'EC' }],
    ['a secret', { kty: 'oct', use: 'sig', kid: 'a', k: 'AAAA' }],
    ['no modulus', { ...key, n: undefined }],
    ['a modulus of 24,000 bits', { ...key, n: `${'x'.repeat(4001)}w` }],
    ['an exponent of 1', { ...key, e: 'AQ' }],
    ['no object', 'a'],
    ['null', null],
  ])('passes over one with %s', (_, other) => expect(signatureKeys([other, key])).toEqual([key]));
});

describe('parseKeySet (RFC 7517 5)', () => {
  it('reads a set, also an empty one', () => {
    expect(parseKeySet(JSON.stringify({ keys: [key, { kty: 'new' }], more: 1 }))).toEqual([key]);
    expect(parseKeySet('{"keys":[]}')).toEqual([]);
  });

  it.each([
    ['', /not JSON/],
    ['<html>', /not JSON/],
    ['null', /not a JSON Web Key Set/],
    ['[]', /not a JSON Web Key Set/],
    ['"keys"', /not a JSON Web Key Set/],
    ['{}', /not a JSON Web Key Set/],
    ['{"keys":null}', /not a JSON Web Key Set/],
    ['{"keys":{}}', /not a JSON Web Key Set/],
    [JSON.stringify({ keys: Array.from({ length: 101 }, () => key) }), /more than 100 keys/],
  ])('refuses %.20s', (text, why) => expect(() => parseKeySet(text)).toThrow(why));

  it('says nothing of what it read', () => {
    expect(() => parseKeySet('secret-of-a-neighbour')).toThrow(/^it is not JSON$/);
  });
});
