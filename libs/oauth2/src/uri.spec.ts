import { describe, expect, it } from '@jest/globals';
import { isMalformedUri, splitUri } from './uri.js';

describe('splitUri (RFC 3986 3)', () => {
  it('keeps everything as written but the scheme', () => {
    expect(splitUri('HTTPS://u:p@Host:443/A%20b?q#f')).toEqual({
      ...{ scheme: 'https', userInfo: 'u:p', host: 'Host:443', path: '/A%20b', query: '?q', fragment: '#f' },
    });
    expect(splitUri('x://[::1]:8080')).toMatchObject({ host: '[::1]:8080', path: '', query: undefined });
  });

  it.each([
    '',
    'foo',
    '//host',
    'http:/host',
    'http://',
    'http:///p',
    'urn:x:y',
    '1http://h',
    'http://a@b@c',
    'a b://h',
  ])('does not take %j for one with a host', (uri) => expect(splitUri(uri)).toBeUndefined());

  it.each(['http://h/%', 'http://h/%g0', 'http://h/ ', 'http://h/\n', 'http://h\\x', 'http://h/"', 'http://h/\u0000'])(
    'calls %j malformed',
    (uri) => {
      expect(isMalformedUri(uri)).toBe(true);
      expect(splitUri(uri)).toBeUndefined();
    },
  );
});
