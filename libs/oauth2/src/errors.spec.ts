import { describe, expect, it } from '@jest/globals';
import {
  type OAuthErrorCode,
  adminStyleError,
  errorPageUrl,
  errorRedirect,
  fromRejection,
  oauthError,
  oauthErrors,
  tokenEndpointError,
} from './errors.js';

const nothing = { error: '', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 0 };

describe('the catalogue', () => {
  const statuses: [OAuthErrorCode, number][] = [
    ...(['invalid_request', 'unauthorized_client', 'unsupported_response_type', 'invalid_scope'] as const).map(
      (code): [OAuthErrorCode, number] => [code, 400],
    ),
    ...([
      ['access_denied', 403],
      ['server_error', 500],
      ['temporarily_unavailable', 503],
      ['unsupported_grant_type', 400],
      ['invalid_grant', 400],
      ['invalid_client', 401],
      ['invalid_state', 400],
      ['insufficient_entropy', 400],
      ['misconfiguration', 500],
      ['request_unauthorized', 401],
      ['request_forbidden', 403],
      ['token_expired', 401],
      ['token_inactive', 401],
      ['scope_not_granted', 403],
      ['invalid_token', 400],
      ['token_signature_mismatch', 400],
      ['token_claim', 401],
      ['login_required', 400],
      ['consent_required', 400],
      ['interaction_required', 400],
      ['registration_not_supported', 400],
      ['invalid_request_uri', 400],
      ['invalid_request_object', 400],
      ['error', 500],
    ] as [OAuthErrorCode, number][]),
  ];

  it.each(statuses)('answers %s with %d', (code, status) => {
    expect(oauthError(code)).toMatchObject({ code, status });
  });

  it('describes every code in text RFC 6749 5.2 allows, and names its clause', () => {
    for (const { description, reference } of Object.values(oauthErrors)) {
      expect(description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
      expect(reference).not.toBe('');
    }
  });
});

describe('OAuthError', () => {
  it('gives copies with another hint or debug text and leaves the original alone', () => {
    const original = oauthError('invalid_request', 'one');
    expect(original.withHint('two').withDebug('three')).toMatchObject({ hint: 'two', debug: 'three' });
    expect(original).toMatchObject({ hint: 'one', debug: undefined });
  });

  it('is an Error whose message says what is wrong', () => {
    expect(oauthError('invalid_scope', 'the hint')).toBeInstanceOf(Error);
    expect(oauthError('invalid_scope', 'the hint').message).toMatch(/^invalid_scope: .*: the hint$/);
  });

  it('takes an empty hint for none', () => expect(oauthError('error', '').hint).toBeUndefined());
});

describe('fromRejection (admin-api.md 2.15)', () => {
  it('keeps what the app said', () => {
    const said = { error: 'no', errorDescription: 'd', errorHint: 'h', errorDebug: 'x', statusCode: 418 };
    expect(fromRejection(said)).toMatchObject({ code: 'no', description: 'd', hint: 'h', debug: 'x', status: 418 });
  });

  it('has a code and a status for an app that said nothing', () => {
    expect(fromRejection(nothing)).toMatchObject({ code: 'consent request denied', description: '', status: 400 });
  });
});

describe('errorRedirect (RFC 6749 4.1.2.1, RFC 9207 2)', () => {
  const error = fromRejection({
    error: 'no',
    errorDescription: 'a b',
    errorHint: '',
    errorDebug: 'why',
    statusCode: 0,
  });
  const redirectUri = 'https://app/cb';
  const issuer = 'https://idp/';

  it.each([
    [
      'adds to the query that is there',
      { redirectUri: 'https://app/cb?a=1' },
      'https://app/cb?a=1&error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F',
    ],
    [
      'replaces a member of its own',
      { redirectUri: 'https://app/cb?error=x&b' },
      'https://app/cb?b&error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F',
    ],
    ['hides debug texts', {}, 'https://app/cb?error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F'],
    [
      'shows debug texts on demand',
      { exposeDebug: true },
      'https://app/cb?error=no&error_debug=why&error_description=a+b&iss=https%3A%2F%2Fidp%2F',
    ],
    [
      'has a hint',
      { error: error.withHint('h') },
      'https://app/cb?error=no&error_description=a+b&error_hint=h&iss=https%3A%2F%2Fidp%2F',
    ],
    [
      'echoes the state',
      { state: 'x&y' },
      'https://app/cb?error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F&state=x%26y',
    ],
    [
      'echoes an empty state (D20)',
      { state: '' },
      'https://app/cb?error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F&state=',
    ],
    [
      'works with custom schemes',
      { redirectUri: 'app:cb' },
      'app:cb?error=no&error_description=a+b&iss=https%3A%2F%2Fidp%2F',
    ],
  ])('%s', (_, given, expected) => {
    expect(errorRedirect({ redirectUri, error, issuer, state: undefined, exposeDebug: false, ...given })).toBe(
      expected,
    );
  });
});

describe('the other renderings (oauth2-flows.md 1.14)', () => {
  const error = oauthError('invalid_grant').withDebug('because');
  const { description } = oauthErrors.invalid_grant;

  it('sends to the error page, its query kept', () => {
    const url = new URL(errorPageUrl('https://idp/error?lang=de', error.withHint('h'), { exposeDebug: false }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ lang: 'de', error: 'invalid_grant', error_description: description, error_hint: 'h' },
    });
  });

  it('never tells the token endpoint debug texts unless asked to', () => {
    const body = { error: 'invalid_grant', error_description: description, status_code: 400 };
    expect(tokenEndpointError(error, { exposeDebug: false })).toEqual(body);
    expect(tokenEndpointError(error, { exposeDebug: true })).toEqual({ ...body, error_debug: 'because' });
  });

  it('has the order of members of the admin writer', () => {
    expect(Object.keys(adminStyleError(error.withHint('h'), 'r1'))).toEqual([
      ...['error', 'error_description', 'error_hint', 'status_code', 'error_debug', 'request_id'],
    ]);
  });
});
