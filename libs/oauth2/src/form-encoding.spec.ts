import { describe, expect, it } from '@jest/globals';
import {
  appendParameters,
  encodeForm,
  formValues,
  parameter,
  parseQuery,
  repeatedParameter,
  successRedirect,
  withParameters,
} from './form-encoding.js';

describe('encodeForm (Go url.Values.Encode)', () => {
  it.each([
    [{ b: '1', a: '2' }, 'a=2&b=1'],
    [{ a: ['2', '1'], A: 'x' }, 'A=x&a=2&a=1'],
    [{ a: ' +&=/?' }, 'a=+%2B%26%3D%2F%3F'],
    [{ a: "!'()*~-_." }, 'a=%21%27%28%29%2A~-_.'],
    [{ 'ü x': 'é€😀' }, '%C3%BC+x=%C3%A9%E2%82%AC%F0%9F%98%80'],
    [{ a: '\ud800' }, 'a=%EF%BF%BD'],
    [{ a: '', b: undefined }, 'a='],
    [{}, ''],
  ])('%j', (record, encoded) => expect(encodeForm(formValues(record))).toBe(encoded));
});

describe('parseQuery', () => {
  it.each([
    ['a=1&b=2&a=3', { a: ['1', '3'], b: ['2'] }, false],
    ['a+b=c+d%2B', { 'a b': ['c d+'] }, false],
    ['a&=&&b=', { a: [''], '': [''], b: [''] }, false],
    ['a=b=c', { a: ['b=c'] }, false],
    ['a=1;b=2', { a: ['1;b=2'] }, false],
    ['__proto__=1', Object.fromEntries([['__proto__', ['1']]]), false],
    ['', {}, false],
    ['a=1&b=%zz&c=1', { a: ['1'] }, true],
    ['a=%&b=1', {}, true],
    ['%ff=1&b=1', {}, true],
    ['a=%C3', {}, true],
  ])('%s', (raw, values, malformed) => {
    const parsed = parseQuery(raw);
    expect([...parsed.values]).toEqual(Object.entries(values));
    expect(parsed.malformed).toBe(malformed);
  });

  it('ends at one parameter too many', () => {
    const pairs = (count: number): string => Array.from({ length: count }, (_, index) => `n${index}=1`).join('&');
    expect(parseQuery(pairs(258)).malformed).toBe(false);
    const { values, malformed } = parseQuery(pairs(10_000));
    expect([values.size, malformed]).toEqual([258, true]);
  });

  it('reads what encodeForm writes', () => {
    const values = formValues({ a: ['1', ' '], 'b&=': 'ü+%' });
    expect(parseQuery(encodeForm(values))).toEqual({ values, malformed: false });
  });
});

describe('parameter (RFC 6749 3.1)', () => {
  const values = formValues({ empty: '', once: 'x', twice: ['y', 'z'], none: [] });

  it('takes a parameter without a value for one not sent', () => {
    expect(['empty', 'none', 'absent', 'once', 'twice'].map((name) => parameter(values, name))).toEqual([
      ...[undefined, undefined, undefined, 'x', 'y'],
    ]);
  });

  it('finds a repeated one only among those asked for', () => {
    expect(repeatedParameter(values, ['empty', 'once', 'twice'])).toBe('twice');
    expect(repeatedParameter(values, ['empty', 'once', 'none'])).toBeUndefined();
  });
});

describe('withParameters (admin-api.md 3.7)', () => {
  it.each([
    ['https://h/p?z=1&a=x+y&a=b', { login_verifier: 'v' }, 'https://h/p?a=x+y&a=b&login_verifier=v&z=1'],
    ['https://h/p?scope=a%20b', { v: '1' }, 'https://h/p?scope=a+b&v=1'],
    ['https://h/p?v=old&v=older', { v: 'new' }, 'https://h/p?v=new'],
    ['https://h/p', { v: '1' }, 'https://h/p?v=1'],
    ['https://h/p#top', { v: '1' }, 'https://h/p?v=1#top'],
    ['/relative?a', { v: '?' }, '/relative?a=&v=%3F'],
  ])('%s', (url, parameters, expected) => expect(withParameters(url, parameters)).toBe(expected));
});

describe('redirects to clients', () => {
  it.each([
    ['https://h/p', 'https://h/p?b=1'],
    ['https://h/p?', 'https://h/p?b=1'],
    ['https://h/p?z=%7e&a=x+y', 'https://h/p?z=%7e&a=x+y&b=1'],
    ['https://h/p?b=0&a', 'https://h/p?a&b=1'],
    ['https://h/p?%zz', 'https://h/p?%zz&b=1'],
  ])('keep the query of %s as it was registered', (url, expected) => {
    expect(appendParameters(url, { b: '1' })).toBe(expected);
  });

  it('carry code, issuer, scope and state in this order, spaces as %20 (oauth2-flows.md 1.2.4, RFC 9207 2)', () => {
    const members = { code: 'k', scope: ['x', 'y+'], state: 's t', issuer: 'https://idp/' };
    const redirect = successRedirect('https://h/p?a=b+c', members);
    expect(redirect).toBe('https://h/p?a=b+c&code=k&iss=https%3A%2F%2Fidp%2F&scope=x%20y%2B&state=s%20t');
  });

  it('say so when nothing was granted', () => {
    const redirect = successRedirect('app:cb', { code: 'k', scope: [], state: 's', issuer: 'a:' });
    expect(redirect).toBe('app:cb?code=k&iss=a%3A&scope=&state=s');
  });
});
