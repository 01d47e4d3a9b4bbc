import { describe, expect, it } from '@jest/globals';
import { allowedScope, coversScopes, scopeStrategy, splitScope } from './scope-strategy.js';

describe('scope strategies (oauth2-flows.md 3.6)', () => {
  it.each([
    ['wildcard', ['foo'], 'foo', true],
    ['wildcard', ['a', 'foo.*'], 'foo.bar', true],
    ['wildcard', ['foo.*'], 'foo.a.b', true],
    ['wildcard', ['foo.*'], 'foo.*', true],
    ['wildcard', ['*'], 'a.b.c', true],
    ['wildcard', ['foo.*.baz'], 'foo.bar.baz', true],
    ['wildcard', ['foo.*'], 'foo', false],
    ['wildcard', ['foo.*'], 'foo.', false],
    ['wildcard', ['foo.*'], 'foobar', false],
    ['wildcard', ['foo.*'], 'Foo.bar', false],
    ['wildcard', ['foo'], 'foo.bar', false],
    ['wildcard', ['foo.bar'], 'foo', false],
    ['wildcard', ['foo.*.baz'], 'foo.baz', false],
    ['wildcard', ['foo.*.baz'], 'foo..baz', false],
    ['wildcard', ['foo.*.baz'], 'foo.bar.baz.boo', false],
    ['wildcard', ['foo.bar'], 'foo.*', false],
    ['wildcard', [], 'foo', false],
    ['', ['foo.*'], 'foo.bar', true],
    ['exact', ['foo'], 'foo', true],
    ['exact', ['foo.*'], 'foo.bar', false],
    ['exact', ['foo'], 'FOO', false],
    ['DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY', ['a.b'], 'a.b', true],
    ['DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY', ['a.b'], 'a.b.c.d', true],
    ['DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY', ['a.b'], 'a', false],
    ['DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY', ['a.b'], 'a.bc', false],
    ['DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY', ['a.*'], 'a.b', false],
  ])('%s: %j and %s: %j', (name, granted, requested, covered) => {
    expect(scopeStrategy(name)(granted)(requested)).toBe(covered);
  });

  it('splits on spaces only and drops empty items', () => {
    expect(splitScope('  a  b,c ')).toEqual(['a', 'b,c']);
    expect(splitScope('')).toEqual([]);
  });
});

describe('several scopes', () => {
  const wildcard = scopeStrategy('wildcard');

  it.each([
    [['a'], [], true],
    [['a', 'b.*'], ['b.c', 'a'], true],
    [[], [], true],
    [['a'], ['a', 'b'], false],
    [[], ['a'], false],
  ])('%j covers %j: %j', (granted, requested, covered) => {
    expect(coversScopes(wildcard, granted, requested)).toBe(covered);
  });

  it('are refused unless all are registered', () => {
    expect(allowedScope(['a', 'b.c'], { scope: 'a b.*' }, wildcard)).toEqual(['a', 'b.c']);
    expect(() => allowedScope(['a', 'c'], { scope: 'a b.*' }, wildcard)).toThrow(/^invalid_scope/);
  });
});
