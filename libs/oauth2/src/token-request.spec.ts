import { describe, expect, it } from '@jest/globals';
import { type RegistrationInput, normaliseRegistration } from './client-metadata/normalise-registration.js';
import { type FormRecord, formValues } from './form-encoding.js';
import { scopeStrategy as strategyOf } from './scope-strategy.js';
import { grantTypeOf, grantsRefreshToken, parseTokenRequest, recheckRefresh } from './token-request.js';

const scopeStrategy = strategyOf('wildcard');
const registrationOf = (input: RegistrationInput) =>
  normaliseRegistration(
    {
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: 'offline foo.*',
      audience: ['https://api/'],
      ...input,
    },
    { defaultScope: '', subjectTypesSupported: ['public'] },
  );
const parse = (body: FormRecord, input: RegistrationInput = {}) =>
  parseTokenRequest(formValues(body), { registration: registrationOf(input), scopeStrategy });

const code = { grant_type: 'authorization_code', code: 'k' };
const refresh = { grant_type: 'refresh_token', refresh_token: 't' };
const machine = { grant_type: 'client_credentials' };
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

describe('grantTypeOf (RFC 6749 5.2)', () => {
  it.each<[FormRecord, string]>([
    [{}, 'invalid_request'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ grant_type: ['refresh_token', 'refresh_token'] }, 'invalid_request'],
    [{ ...code, code: ['a', 'b'] }, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'implicit' }, 'unsupported_grant_type'],
    [{ grant_type: 'Refresh_Token' }, 'unsupported_grant_type'],
    [{ grant_type: 'toString' }, 'unsupported_grant_type'],
  ])('%j is %s', (body, expected) => {
    expect(() => grantTypeOf(formValues(body))).toThrow(expect.objectContaining({ code: expected, status: 400 }));
  });

  it('needs nothing else', () => expect(grantTypeOf(formValues(machine))).toBe('client_credentials'));
});

describe('parseTokenRequest (RFC 6749 4.1.3, 4.4.2, 6)', () => {
  it.each<[FormRecord, object]>([
    [code, { grantType: 'authorization_code', code: 'k', redirectUri: null, codeChallenge: null }],
    [
      { ...code, redirect_uri: 'https://a' },
      { grantType: 'authorization_code', code: 'k', redirectUri: 'https://a', codeChallenge: null },
    ],
    [refresh, { grantType: 'refresh_token', refreshToken: 't' }],
    [
      { ...refresh, scope: 'nope' },
      { grantType: 'refresh_token', refreshToken: 't' },
    ],
    [machine, { grantType: 'client_credentials', scope: [], audience: [] }],
    [
      { ...machine, scope: 'foo.a offline', audience: 'https://api/x' },
      { grantType: 'client_credentials', scope: ['foo.a', 'offline'], audience: ['https://api/x'] },
    ],
  ])('reads %j', (body, expected) => expect(parse(body)).toEqual(expected));

  it('allows the code grant to a client that registered none', () => {
    expect(parse(code, { grant_types: [] })).toMatchObject({ grantType: 'authorization_code' });
  });

  it.each<[string, FormRecord, RegistrationInput, string]>([
    ['a code without the grant', code, { grant_types: ['client_credentials'] }, 'invalid_grant'],
    ['a refresh without the grant', refresh, { grant_types: [] }, 'invalid_grant'],
    ['client credentials without the grant', machine, { grant_types: ['refresh_token'] }, 'invalid_grant'],
    ['client credentials of a public client', machine, { token_endpoint_auth_method: 'none' }, 'invalid_grant'],
    ['no code', { grant_type: 'authorization_code' }, {}, 'invalid_request'],
    ['no refresh token', { ...refresh, refresh_token: '' }, {}, 'invalid_request'],
    ['a scope not registered', { ...machine, scope: 'foo.a nope' }, {}, 'invalid_scope'],
    ['an audience not registered', { ...machine, audience: 'https://other/' }, {}, 'invalid_request'],
    [
      'audiences joined by a plus',
      { ...machine, audience: 'https://api/+https://api/' },
      { audience: ['https://api/x'] },
      'invalid_request',
    ],
  ])('refuses %s', (_, body, input, expected) => {
    expect(() => parse(body, input)).toThrow(expect.objectContaining({ code: expected }));
  });
});

describe('code_verifier (RFC 7636 4.1, D19)', () => {
  it('is transformed with S256 (RFC 7636 appendix B)', () => {
    const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    expect(parse({ ...code, code_verifier: verifier })).toMatchObject({ codeChallenge });
  });

  it.each(['~'.repeat(43), '.'.repeat(128)])('may be %s', (code_verifier) => {
    expect(parse({ ...code, code_verifier })).toMatchObject({ codeChallenge: expect.stringMatching(/^[\w-]{43}$/) });
  });

  it.each([
    verifier.slice(1),
    'a'.repeat(129),
    `${verifier}=`,
    `${verifier}+`,
    `${verifier}\n`,
    ` ${verifier}`,
    `ü${verifier}`,
  ])('may not be %j', (code_verifier) => expect(() => parse({ ...code, code_verifier })).toThrow(/^invalid_grant/));
});

describe('recheckRefresh (oauth2-flows.md 3.4)', () => {
  const recheck =
    (scope: string[], audience: string[] = []) =>
    () =>
      recheckRefresh({ scope, audience, registration: registrationOf({}), scopeStrategy });

  it('accepts what the client may still have', () => {
    expect(recheck(['offline', 'foo.a'], ['https://api/x'])).not.toThrow();
  });

  it.each<[string, () => void, string, number]>([
    ['no offline scope', recheck(['foo.a']), 'scope_not_granted', 403],
    ['an offline scope in another case', recheck(['OFFLINE']), 'scope_not_granted', 403],
    ['a scope taken away', recheck(['offline', 'bar']), 'invalid_scope', 400],
    ['the other offline scope taken away', recheck(['offline_access']), 'invalid_scope', 400],
    ['an audience taken away', recheck(['offline'], ['https://other']), 'invalid_request', 400],
  ])('refuses %s', (_, check, expected, status) => {
    expect(check).toThrow(expect.objectContaining({ code: expected, status }));
  });

  it('knows both offline scopes', () => {
    expect(grantsRefreshToken(['offline_access'])).toBe(true);
    expect(grantsRefreshToken(['offline.x', 'openid'])).toBe(false);
  });
});
