import { describe, expect, it } from '@jest/globals';
import { isHttps, isSecureForCode, resolveRedirectUri } from './redirect-uri.js';

const one = ['https://app/cb?x=1'];
const two = [...one, 'com.example.app:/cb'];

describe('resolveRedirectUri (RFC 6749 3.1.2)', () => {
  it.each([
    [one, one[0]],
    [two, two[1]],
    [['http://127.0.0.1:5555/callback'], 'http://127.0.0.1:5555/callback'],
  ])('takes one that is registered: %j', (redirect_uris, sent) => {
    expect(resolveRedirectUri({ redirect_uris }, sent)).toBe(sent);
  });

  it('needs none when exactly one is registered', () => {
    expect(resolveRedirectUri({ redirect_uris: one }, undefined)).toBe(one[0]);
  });

  it.each([
    [two, undefined],
    [[], undefined],
    [[], 'https://app/cb'],
    [one, 'https://app/cb'],
    [one, 'https://app/cb?x=1&y=2'],
    [one, 'https://app/CB?x=1'],
    [one, 'https://APP/cb?x=1'],
    [one, 'https://app/cb%3Fx=1'],
    [one, 'https://app:443/cb?x=1'],
    [['http://127.0.0.1/cb'], 'http://127.0.0.1:1234/cb'],
    [['redirect-url'], 'redirect-url'],
    [['/cb'], undefined],
    [['https://app/cb#top'], 'https://app/cb#top'],
    [['https://'], 'https://'],
    [['https://app/a b'], 'https://app/a b'],
  ])('refuses: %j, %j', (redirect_uris, sent) => {
    expect(() => resolveRedirectUri({ redirect_uris }, sent)).toThrow(/^invalid_request/);
  });
});

describe('isSecureForCode (oauth2-flows.md 1.2.2)', () => {
  it.each([
    ['https://app/cb', true],
    ['com.example:/cb', true],
    ['http://localhost/cb', true],
    ['http://app.localhost:3000/cb', true],
    ['http://127.0.0.1:5555/cb', true],
    ['http://[::1]/cb', true],
    ['http://app/cb', false],
    ['HTTP://app/cb', false],
    ['http://notlocalhost/cb', false],
    ['http://localhost.evil.com/cb', false],
    ['http://localhost@evil.com/cb', false],
    ['http://127.0.0.1.evil.com/', false],
    ['http://127.0.0.2/', false],
    ['nonsense', false],
  ])('%s: %j', (uri, secure) => expect(isSecureForCode(uri)).toBe(secure));
});

describe('isHttps', () => {
  it.each([
    ['https://app/cb', true],
    ['HTTPS://app/cb', true],
    ['http://127.0.0.1', false],
    ['https:app', false],
    ['httpss://app', false],
    ['app:https://x', false],
  ])('%s: %j', (uri, https) => expect(isHttps(uri)).toBe(https));
});
