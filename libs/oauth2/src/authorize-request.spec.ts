import { describe, expect, it } from '@jest/globals';
import { parseAuthorizeParameters } from './authorize-parameters.js';
import {
  type PkceEnforcement,
  refuseLongValues,
  understoodRequest,
  validateAuthorizeRequest,
} from './authorize-request.js';
import { type RegistrationInput, normaliseRegistration } from './client-metadata/normalise-registration.js';
import { encodeForm, formValues } from './form-encoding.js';
import { scopeStrategy } from './scope-strategy.js';

const r = 'https://app/cb';
const config = { scopeStrategy: scopeStrategy('wildcard'), pkceEnforcedFor: 'nobody' as PkceEnforcement };
const rules = { defaultScope: 'openid offline', subjectTypesSupported: ['public'] };
const metadata: RegistrationInput = {
  redirect_uris: [r],
  response_types: ['code', 'token id_token', 'code code'],
  scope: 'openid offline foo.*',
  audience: ['https://api/'],
};
const good = { client_id: 'c', redirect_uri: r, response_type: 'code', state: '12345678', scope: 'openid foo.a' };

function validateQuery(query: string, registered: RegistrationInput = {}, { pkceEnforcedFor } = config) {
  const registration = normaliseRegistration({ ...metadata, ...registered }, rules);
  const parameters = parseAuthorizeParameters(query, undefined);
  return validateAuthorizeRequest({
    parameters,
    client: { clientId: 'c', registration },
    config: { ...config, pkceEnforcedFor },
  });
}

function validate(sent: Record<string, string | undefined>, registered: RegistrationInput = {}) {
  return validateQuery(encodeForm(formValues({ ...good, ...sent })), registered);
}

function refusal(validation: ReturnType<typeof validate>) {
  if (validation.ok) return 'accepted';
  return { code: validation.error.code, redirectTo: validation.redirectTo, state: validation.state };
}

describe('a valid request', () => {
  it('is understood completely', () => {
    const sent = { audience: 'https://api/x', nonce: 'n', prompt: 'login consent', max_age: '60', acr_values: '1 2' };
    expect(validate({ ...sent, code_challenge: 'x', code_challenge_method: 'S256' })).toEqual({
      ok: true,
      state: '12345678',
      nonce: 'n',
      maxAge: 60,
      request: {
        redirectUri: r,
        redirectUriSent: true,
        responseTypes: ['code'],
        scope: ['openid', 'foo.a'],
        audience: ['https://api/x'],
        prompt: ['login', 'consent'],
        maxAge: 60,
        acrValues: ['1', '2'],
        codeChallenge: 'x',
      },
    });
  });

  it.each([
    [
      'without redirect_uri, one being registered',
      { redirect_uri: undefined },
      { redirectUriSent: false, redirectUri: r },
    ],
    ['without scope', { scope: undefined }, { scope: [] }],
    [
      'as a command line tool sends it',
      { prompt: '', audience: '', max_age: '0' },
      { prompt: [], audience: [], maxAge: null },
    ],
    ['with request and no openid', { scope: 'foo.a', request: 'x', request_uri: 'y' }, { scope: ['foo.a'] }],
    ['with parameters nobody knows', { claims: '{}', response_mode: 'query' }, {}],
  ])('is accepted %s', (_, sent, expected) => {
    expect(validate(sent)).toMatchObject({ ok: true, request: expected });
  });

  it('has response_type code for a client that registered none', () => {
    expect(validate({}, { response_types: [] })).toMatchObject({ ok: true });
  });

  it('keeps a max_age that is no integer for later', () => {
    expect(validate({ max_age: 'soon' })).toMatchObject({ ok: true, maxAge: 'invalid', request: { maxAge: null } });
  });
});

describe('errors shown on the error page (oauth2-flows.md 1.2.1 numbers 1 to 4)', () => {
  it.each([
    ['no client_id', { client_id: undefined }, 'invalid_client'],
    ['another client_id', { client_id: 'C' }, 'invalid_client'],
    ['a request object', { request: 'x' }, 'request_not_supported'],
    ['a request_uri', { request_uri: 'https://app/r' }, 'request_uri_not_supported'],
    ['an unregistered redirect_uri', { redirect_uri: `${r}/` }, 'invalid_request'],
    ['all at once: the first counts', { redirect_uri: 'x', request: 'x', client_id: 'x' }, 'invalid_client'],
  ])('%s', (_, sent, code) => {
    expect(refusal(validate(sent))).toEqual({ code, redirectTo: undefined, state: good.state });
  });

  it('an unknown client', () => {
    const parameters = parseAuthorizeParameters(encodeForm(formValues(good)), undefined);
    const validation = validateAuthorizeRequest({ parameters, client: undefined, config });
    expect(validation).toMatchObject({ ok: false, error: { code: 'invalid_client' }, redirectTo: undefined });
  });

  it.each([
    ['malformed', `client_id=c&redirect_uri=${r}&x=%zz`],
    ['client_id twice', `client_id=c&client_id=c&redirect_uri=${r}`],
    ['redirect_uri twice', `client_id=c&redirect_uri=${r}&redirect_uri=https://evil`],
  ])('%s', (_, query) => {
    expect(refusal(validateQuery(query))).toMatchObject({ code: 'invalid_request', redirectTo: undefined });
  });
});

describe('errors sent to the client (oauth2-flows.md 1.2.1 numbers 5 to 9)', () => {
  it.each([
    ['a scope not registered', { scope: 'openid nope' }, 'invalid_scope'],
    ['a scope in another case', { scope: 'OPENID' }, 'invalid_scope'],
    ['an audience not registered', { audience: 'https://api/ https://other/' }, 'invalid_request'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['no response_type', { response_type: undefined }, 'unsupported_response_type'],
    ['a response_type in another case', { response_type: 'CODE' }, 'unsupported_response_type'],
    ['a response_type not registered', { response_type: 'token' }, 'unsupported_response_type'],
    ['a registered one not implemented', { response_type: 'id_token token' }, 'unsupported_response_type'],
    ['code twice', { response_type: 'code code' }, 'unsupported_response_type'],
    ['the order: scope first', { scope: 'nope', audience: 'x', registration: 'x', state: '' }, 'invalid_scope'],
    ['the order: audience second', { audience: 'x', registration: 'x', state: '' }, 'invalid_request'],
    [
      'the order: registration third',
      { registration: 'x', response_type: 'x', state: '' },
      'registration_not_supported',
    ],
    ['the order: response type fourth', { response_type: 'x', state: '' }, 'unsupported_response_type'],
  ])('%s', (_, sent, code) => {
    expect(refusal(validate(sent))).toMatchObject({ code, redirectTo: r });
  });

  it.each([['1234567'], [''], [undefined]])('a state that is %j, sent back as it came (D20)', (state) => {
    expect(refusal(validate({ state }))).toEqual({ code: 'invalid_state', redirectTo: r, state });
  });

  it.each(['scope=foo.a', 'nonce=1&nonce=2', 'code_challenge=a&code_challenge=b', 'prompt=&prompt='])(
    '%s repeats a parameter (RFC 6749 3.1)',
    (query) => {
      const validation = validateQuery(`${encodeForm(formValues(good))}&${query}`);
      expect(refusal(validation)).toEqual({ code: 'invalid_request', redirectTo: r, state: good.state });
    },
  );

  it('a repeated state, which is not sent back', () => {
    const validation = validateQuery(`${encodeForm(formValues(good))}&state=abcdefgh`);
    expect(refusal(validation)).toEqual({ code: 'invalid_request', redirectTo: r, state: undefined });
  });
});

describe('what a login challenge can carry', () => {
  const refuse = (sent: Record<string, string>) => () =>
    refuseLongValues(parseAuthorizeParameters(encodeForm(formValues(sent)), undefined));

  it.each(['state', 'nonce'])('is a %s of 2,048 characters at most', (name) => {
    expect(refuse({ [name]: 'x'.repeat(2_048) })).not.toThrow();
    expect(refuse({ [name]: 'x'.repeat(2_049) })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('counts each of them where one is repeated', () => {
    const query = `state=12345678&state=${'x'.repeat(2_049)}`;
    expect(() => refuseLongValues(parseAuthorizeParameters(query, undefined))).toThrow('invalid_request');
  });

  it('is understood as it was validated, whatever the client may by now', () => {
    const sent = { audience: 'https://api/x', nonce: 'n', prompt: 'login', max_age: '60', acr_values: '1' };
    const query = encodeForm(formValues({ ...good, ...sent, code_challenge: 'x', code_challenge_method: 'S256' }));
    const { values } = parseAuthorizeParameters(query, undefined);
    expect({ ok: true, ...understoodRequest(values, r) }).toEqual(validateQuery(query));
  });
});

describe('a challenge (RFC 7636 4.4.1)', () => {
  const [basic, none] = ['client_secret_basic', 'none'];
  const outcome = (method: string, enforcedFor: PkceEnforcement, sent: Record<string, string> = {}) =>
    refusal(
      validateQuery(
        encodeForm(formValues({ ...good, ...sent })),
        { token_endpoint_auth_method: method },
        { ...config, pkceEnforcedFor: enforcedFor },
      ),
    );

  it.each<[string, PkceEnforcement]>([
    [none, 'public'],
    [none, 'all'],
    [basic, 'all'],
  ])('is asked of a client with %s, where it is enforced for %s', (method, enforcedFor) => {
    const refused = { code: 'invalid_request', redirectTo: r, state: '12345678' };
    expect(outcome(method, enforcedFor)).toEqual(refused);
    expect(outcome(method, enforcedFor, { code_challenge: '' })).toEqual(refused);
    expect(outcome(method, enforcedFor, { code_challenge: 'x' })).toBe('accepted');
  });

  it.each<[string, PkceEnforcement]>([
    [basic, 'public'],
    [basic, 'nobody'],
    [none, 'nobody'],
  ])('is not asked of a client with %s, where it is enforced for %s', (method, enforcedFor) => {
    expect(outcome(method, enforcedFor)).toBe('accepted');
  });
});
