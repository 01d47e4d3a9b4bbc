import { describe, expect, it } from '@jest/globals';
import { patched } from './json-patch.js';

const reasonOf = (document: unknown, patch: unknown): string | undefined => {
  try {
    patched(document, patch);
    return undefined;
  } catch (error) {
    return (error as { debug?: string }).debug;
  }
};

describe('a JSON Patch (RFC 6902)', () => {
  it('adds, removes, replaces, moves, copies and tests', () => {
    const patch = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'move', from: '/list/0', path: '/first' },
      { op: 'add', path: '/list/-', value: 'z' },
      { op: 'replace', path: '/a', value: 2 },
      { op: 'remove', path: '/gone' },
    ];
    const document = { a: 1, gone: true, list: ['x', 'y'] };
    expect(patched(document, patch)).toEqual({ a: 2, b: 1, first: 'x', list: ['y', 'z'] });
  });

  it('may replace the whole document, and escapes ~ and / (RFC 6901 3)', () => {
    expect(patched({}, [{ op: 'replace', path: '', value: { 'a/b~': 1 } }])).toEqual({ 'a/b~': 1 });
    expect(patched({ 'a/b~': 1 }, [{ op: 'replace', path: '/a~1b~0', value: 2 }])).toEqual({ 'a/b~': 2 });
  });

  it.each([
    ['an object', {}],
    ['null', null],
    ['a list of something else', [1]],
    ['an operation without a path', [{ op: 'remove' }]],
    ['an addition without a value', [{ op: 'add', path: '/a' }]],
    ['a copy from nowhere', [{ op: 'copy', path: '/b' }]],
    ['a pointer that does not begin with a slash', [{ op: 'remove', path: 'a' }]],
    ['a pointer with a bad escape', [{ op: 'remove', path: '/~2' }]],
    ['a member that is not there', [{ op: 'remove', path: '/made/up' }]],
    ['more than 1000 operations', Array.from({ length: 1001 }, () => ({ op: 'test', path: '/a', value: 1 }))],
  ])('is refused when it is %s', (_what, patch) => {
    expect(reasonOf({ a: 1 }, patch)).toMatch(/patch/);
  });

  it('touches no prototype', () => {
    reasonOf({ a: {} }, [{ op: 'add', path: '/a/__proto__/polluted', value: true }]);
    reasonOf({ a: {} }, [{ op: 'add', path: '/a/constructor/prototype/polluted', value: true }]);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['an addition to text', { op: 'add', path: '/text/-', value: 1 }],
    ['an addition to a number', { op: 'add', path: '/a/x', value: 1 }],
    ['an addition to null', { op: 'add', path: '/none/x', value: 1 }],
    ['an inherited method changed', { op: 'add', path: '/toString/polluted', value: 1 }],
    ['a method of a list changed', { op: 'add', path: '/list/push/polluted', value: 1 }],
    ['a method of what is not there changed', { op: 'replace', path: '/x/hasOwnProperty/name', value: 1 }],
    ['an inherited method copied', { op: 'copy', from: '/toString', path: '/b' }],
    ['a letter of a text tested', { op: 'test', path: '/text/0', value: 's' }],
    ['the length of a list moved', { op: 'move', from: '/list/length', path: '/b' }],
    ['the end of a list removed', { op: 'remove', path: '/list/-' }],
  ])('refuses what leads into no object or list: %s', (_what, operation) => {
    const document = { a: 1, text: 'some', none: null, list: [1, 2] };
    expect(reasonOf(document, [operation])).toMatch(/cannot be applied: MissingError/);
    for (const method of [Reflect.get({}, 'toString'), Reflect.get([], 'push')])
      expect(method).not.toHaveProperty('polluted');
  });

  it('cannot grow without end by copies of copies', () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/list', path: '/list/-' }));
    expect(reasonOf({ list: ['some text'] }, doubling)).toMatch(/too large/);
  });

  it('reads hostile pointers in no time', () => {
    expect(reasonOf({}, [{ op: 'remove', path: `${'/'.repeat(50_000)}~` }])).toMatch(/RFC 6902/);
  });
});
