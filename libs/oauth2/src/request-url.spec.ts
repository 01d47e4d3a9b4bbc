import { describe, expect, it } from '@jest/globals';
import { parseAuthorizeParameters } from './authorize-parameters.js';
import { issuerUrl, requestUrl, storedParameters } from './request-url.js';

describe('requestUrl (oauth2-flows.md 2.3)', () => {
  it('keeps the query byte for byte', () => {
    const parameters = parseAuthorizeParameters('z=%7e&b=x%20y&b=+', undefined);
    expect(requestUrl('https://idp/', parameters)).toBe('https://idp/oauth2/auth?z=%7e&b=x%20y&b=+');
  });

  it('has what was POSTed (D3)', () => {
    expect(requestUrl('https://idp', parseAuthorizeParameters('a=1', 'b=2'))).toBe('https://idp/oauth2/auth?a=1&b=2');
    expect(requestUrl('https://idp', parseAuthorizeParameters('', { b: '2' }))).toBe('https://idp/oauth2/auth?b=2');
  });
});

describe('storedParameters', () => {
  it('are those the URL was made of', () => {
    const parameters = parseAuthorizeParameters('z=%7e&b=x%3Fy&b=+', undefined);
    expect(storedParameters(requestUrl('https://idp/', parameters))).toEqual(parameters);
  });
});

describe('issuerUrl', () => {
  it.each([
    ['https://idp', 'x', 'https://idp/x'],
    ['https://idp/', 'x', 'https://idp/x'],
    ['https://idp/prefix', 'x', 'https://idp/prefix/x'],
    ['https://idp', '', 'https://idp/'],
  ])('%s', (issuer, path, url) => expect(issuerUrl(issuer, path)).toBe(url));
});
