import { describe, expect, it } from '@jest/globals';
import { type ActiveToken, activeIntrospection, requiredScopesGranted } from './introspection.js';
import { scopeStrategy } from './scope-strategy.js';

const own: ActiveToken = {
  kind: 'access_token',
  scope: [],
  clientId: 'c',
  subject: 'c',
  expiresAt: '2026-01-01T01:00:00.000Z',
  issuedAt: '2026-01-01T00:00:00.500Z',
  audience: [],
};
const issuer = 'https://idp/';
const introspect = (token: Partial<ActiveToken>) => activeIntrospection({ ...own, ...token }, issuer);

describe('activeIntrospection (admin-api.md 3.14)', () => {
  it('has all members in the order of the wire', () => {
    const full = introspect({
      ...{ kind: 'refresh_token', scope: ['a', 'b.*'], subject: 'alice', obfuscatedSubject: 'x' },
      ...{ audience: ['https://api'], ext: { foo: 1 } },
    });
    expect(JSON.stringify(full)).toBe(
      '{"active":true,"scope":"a b.*","client_id":"c","sub":"alice","obfuscated_subject":"x","exp":1767229200,' +
        '"iat":1767225600,"aud":["https://api"],"iss":"https://idp/","token_type":"refresh_token","ext":{"foo":1}}',
    );
  });

  it('leaves out what is empty', () => {
    expect(Object.keys(introspect({}))).toEqual(['active', 'client_id', 'sub', 'exp', 'iat', 'iss', 'token_type']);
  });

  it.each<[string, Partial<ActiveToken>]>([
    ['obfuscated_subject', { obfuscatedSubject: 'c' }],
    ['obfuscated_subject', { obfuscatedSubject: '' }],
    ['exp', { expiresAt: null }],
    ['ext', { ext: {} }],
    ['sub', { subject: '' }],
  ])('has no %s for %j', (member, token) => expect(introspect(token)).not.toHaveProperty(member));
});

describe('requiredScopesGranted (admin-api.md 2.23)', () => {
  it.each([
    ['foo.bar', true],
    ['foo.a.b core', true],
    ['', true],
    [undefined, true],
    [' core  ', true],
    ['bar', false],
    ['foo.bar bar', false],
    ['foo', false],
    ['Core', false],
  ])('core foo.* and %j: %j', (required, granted) => {
    expect(requiredScopesGranted(scopeStrategy('wildcard'), ['core', 'foo.*'], required)).toBe(granted);
  });
});
