import { describe, expect, it } from '@jest/globals';
import { duplicateMember, firstJsonValue } from './json.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('firstJsonValue (admin-api.md 1.3)', () => {
  it.each<[string, unknown]>([
    ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
    [' \n{"a":1}\t', { a: 1 }],
    ['null', null],
    ['"text"', 'text'],
    ['-1.5e3', -1500],
  ])('reads %j', (text, value) => expect(firstJsonValue(text)).toEqual(value));

  it.each<[string, unknown]>([
    ['{"a":1}{"b":2}', { a: 1 }],
    ['{"a":1} and more', { a: 1 }],
    ['{"a":1}}', { a: 1 }],
    ['[1,2] [', [1, 2]],
    ['null {"a":1}', null],
    ['"one" "two"', 'one'],
    ['12 34', 12],
    ['{"brace":"}","quote":"\\"}"} x', { brace: '}', quote: '"}' }],
    ['{"a":"\\\\"}"', { a: '\\' }],
  ])('ignores what follows the first value: %j', (text, value) => expect(firstJsonValue(text)).toEqual(value));

  it.each([
    '',
    ' ',
    '{',
    '{"a":1',
    '[1,2',
    '"abc',
    '{]',
    '{"a" 1} x',
    'nul',
    'nullx',
    "{'a':1}",
    '{a:1}',
    '[1,]',
    '\uFEFF{}',
    '// x\n{}',
    'NaN',
    '}',
  ])('refuses %j', (text) => expect(() => firstJsonValue(text)).toThrow(SyntaxError));

  it('makes strings and names well-formed, so that they survive UTF-8', () => {
    expect(firstJsonValue('{"a":"\\ud800","b":["\\uDFFFx"],"\\ud83d\\ude00":"\\ud83d\\ude00"}')).toEqual({
      ...{ a: '\ufffd', b: ['\ufffdx'], '\u{1f600}': '\u{1f600}' },
    });
    expect(Object.keys(firstJsonValue('{"x\\ud800":{"\\udc00":1}} x') as object)).toEqual(['x\ufffd']);
  });

  it.each(['{"__proto__":{"admin":true}}', '{"__proto__":{"admin":true},"a":"\\ud800"}'])(
    'lets no member become a prototype: %s',
    (text) => {
      const value = firstJsonValue(text) as { admin?: unknown };
      expect(value.admin).toBeUndefined();
      expect(Object.keys(value)).toContain('__proto__');
    },
  );

  it('refuses what is nested too deep to be written out again later', () => {
    expect(firstJsonValue(nested(200))).toBeDefined();
    expect(() => firstJsonValue(nested(201))).toThrow(RangeError);
    expect(() => firstJsonValue(nested(500_000))).toThrow(RangeError);
    expect(() => firstJsonValue('{"a":'.repeat(300) + '1' + '}'.repeat(300))).toThrow(RangeError);
  });

  it('counts levels, not brackets', () => {
    expect(firstJsonValue(JSON.stringify('['.repeat(1000)))).toHaveLength(1000);
    expect(firstJsonValue(JSON.stringify(Array.from({ length: 1000 }, () => [])))).toHaveLength(1000);
  });
});

describe('duplicateMember (admin-api.md 1.3)', () => {
  it.each<[string, string[], string]>([
    ['{"kty":"oct","kty":"oct"}', [], 'kty'],
    ['{"kty" : "oct", "k\\u0074y" : 1}', [], 'kty'],
    ['{"x":{"y":"}"},"x":1} trailing', [], 'x'],
    ['{"keys":[{"k":1},{"k":1,"k":2}]}', ['keys'], 'k'],
    ['{"a":[[{"b":1}]],"Keys":[{"k":1,"k":2}]}', ['keys'], 'k'],
    ['{"jwks":{"keys":[{"k":{"k":1},"k":2}]}}', ['jwks', 'keys'], 'k'],
    ['{"keys":null,"keys":[{"k":1,"k":2}]}', ['keys'], 'k'],
    [`{"kty":"${'a'.repeat(1000)}"${' '.repeat(1000)},"kty"${' '.repeat(1000)}:1}`, [], 'kty'],
  ])('finds it: %s', (text, within, name) => expect(duplicateMember(text, within)).toBe(name));

  it.each<[string, string[]]>([
    ['null', []],
    ['"kty"', []],
    ['{}', []],
    ['{"kty":"oct","Kty":"oct","k":"kty"}', []],
    ['{"k":"k"}{"k":1,"k":2}', []],
    ['{"x":{"k":1,"k":2}}', []],
    ['{"x":["k","k",{"k":1},{"k":1}]}', []],
    ['{"keys":[{"k":1},{"k":1}],"keys":[]}', ['keys']],
    ['{"k":1,"k":2,"keys":[{"k":1}]}', ['keys']],
    ['{"k":"\\"keys\\":[{","keys":[{"k":"\\\\"}]}', ['keys']],
    ['{"jwks/keys":[{"k":1,"k":2}]}', ['jwks', 'keys']],
    ['{"keys":[{"k":1,"k":2}]}', ['jwks', 'keys']],
  ])('finds none: %s', (text, within) => expect(duplicateMember(text, within)).toBeUndefined());
});
