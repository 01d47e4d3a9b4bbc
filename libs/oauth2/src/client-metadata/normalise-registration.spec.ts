import { describe, expect, it } from '@jest/globals';
import {
  type RegistrationInput,
  checkRegisteredUris,
  normaliseRegistration,
  sectorIdentifierCovers,
} from './normalise-registration.js';

const rules = { defaultScope: 'offline_access offline openid', subjectTypesSupported: ['public'] };
const invalid = (detail: object): unknown =>
  expect.objectContaining({ code: 'invalid_request', status: 400, ...detail });

const defaults = {
  ...{
    client_name: '',
    redirect_uris: [],
    grant_types: [],
    response_types: [],
    audience: [],
    owner: '',
    policy_uri: '',
  },
  ...{ allowed_cors_origins: [], tos_uri: '', client_uri: '', logo_uri: '', contacts: [], sector_identifier_uri: '' },
  ...{ jwks_uri: '', request_uris: [], request_object_signing_alg: '', subject_type: 'public' },
  scope: 'offline_access offline openid',
  token_endpoint_auth_method: 'client_secret_basic',
  userinfo_signed_response_alg: 'none',
};

describe('normaliseRegistration (admin-api.md 2.1)', () => {
  it.each<[string, RegistrationInput]>([
    ['nothing', {}],
    ['null', { client_name: null, contacts: null, scope: null, jwks: null, subject_type: null, client_secret: null }],
    [
      'empty strings',
      { token_endpoint_auth_method: '', scope: '', userinfo_signed_response_alg: '', subject_type: '' },
    ],
  ])('fills in every default for %s', (_, input) => expect(normaliseRegistration(input, rules)).toEqual(defaults));

  it.each<[string, RegistrationInput, object]>([
    ['any token_endpoint_auth_method', { token_endpoint_auth_method: 'foo' }, { token_endpoint_auth_method: 'foo' }],
    ['an empty jwks', { jwks: {} }, { jwks: { keys: null } }],
    ['keys', { jwks: { keys: [{ kty: 'RSA' }] } }, { jwks: { keys: [{ kty: 'RSA' }] } }],
    ['private_key_jwt with an empty jwks', { token_endpoint_auth_method: 'private_key_jwt', jwks: {} }, {}],
    [
      'private_key_jwt with jwks_uri',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://k/' },
      { jwks_uri: 'https://k/' },
    ],
    ['a secret of 6 bytes', { client_secret: 'äää' }, {}],
    ['RS256', { userinfo_signed_response_alg: 'RS256' }, { userinfo_signed_response_alg: 'RS256' }],
    ['a redirect URI that is none', { redirect_uris: ['redirect-url'] }, { redirect_uris: ['redirect-url'] }],
    ['an https sector', { sector_identifier_uri: 'https://s/l' }, { sector_identifier_uri: 'https://s/l' }],
    ['origins', { allowed_cors_origins: ['HTTP://foo.com/'] }, { allowed_cors_origins: ['http://foo.com'] }],
  ])('accepts %s', (_, input, expected) => expect(normaliseRegistration(input, rules)).toMatchObject(expected));

  it('takes a jwks_uri that is http where plain connections are allowed, and no other scheme', () => {
    const allowing = { ...rules, plainHttpAllowed: true };
    expect(normaliseRegistration({ jwks_uri: 'http://k/' }, allowing).jwks_uri).toBe('http://k/');
    expect(() => normaliseRegistration({ jwks_uri: 'ftp://k/' }, allowing)).toThrow(invalid({}));
  });

  it('never keeps a secret', () => {
    expect(JSON.stringify(normaliseRegistration({ client_secret: 'hunter22' }, rules))).not.toContain('hunter22');
  });

  it.each<[string, RegistrationInput, object]>([
    ['rule 2', { token_endpoint_auth_method: 'private_key_jwt' }, { hint: expect.stringContaining('private_key_jwt') }],
    [
      'rule 2, both empty',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: null, jwks_uri: '' },
      { debug: undefined },
    ],
    ['rule 3', { jwks: {}, jwks_uri: 'https://k' }, { hint: expect.stringContaining('together') }],
    ['rule 4', { client_secret: '12345' }, { hint: expect.stringContaining('6 bytes') }],
    ['rule 6', { allowed_cors_origins: ['*'] }, { hint: expect.stringContaining('"*"') }],
    ['rule 8, no URL', { sector_identifier_uri: 'foo' }, { hint: expect.stringContaining('URL'), debug: undefined }],
    ['rule 8, http', { sector_identifier_uri: 'http://s' }, { debug: expect.stringContaining('https') }],
    ['an http jwks_uri', { jwks_uri: 'http://k/' }, { hint: expect.stringContaining('jwks_uri') }],
    ['another jwks_uri', { jwks_uri: 'data:,{"keys":[]}' }, { hint: expect.stringContaining('jwks_uri') }],
    ['a jwks_uri that is no URL', { jwks_uri: 'k' }, { hint: expect.stringContaining('jwks_uri') }],
    ['rule 9', { userinfo_signed_response_alg: 'foo' }, { hint: expect.stringContaining('RS256') }],
    ['rule 10', { redirect_uris: ['https://a', 'http://a/#x'] }, { hint: expect.stringContaining('fragment') }],
    ['rule 11', { subject_type: 'foo' }, { hint: expect.stringContaining('public') }],
    ['rule 11, not enabled', { subject_type: 'pairwise' }, { hint: expect.stringContaining('public') }],
    [
      'the first rule broken',
      { subject_type: 'foo', client_secret: '1' },
      { hint: expect.stringContaining('6 bytes') },
    ],
  ])('refuses by %s', (_, input, detail) => {
    expect(() => normaliseRegistration(input, rules)).toThrow(invalid(detail));
  });

  it.each([
    [['pairwise'], '', 'pairwise'],
    [['pairwise', 'public'], '', 'public'],
    [['public', 'pairwise'], 'pairwise', 'pairwise'],
  ])('has the subject type that %j supports', (subjectTypesSupported, subject_type, expected) => {
    expect(normaliseRegistration({ subject_type }, { ...rules, subjectTypesSupported }).subject_type).toBe(expected);
  });
});

describe('checkRegisteredUris', () => {
  const check = (input: RegistrationInput): void => checkRegisteredUris(normaliseRegistration(input, rules));

  it.each([
    ...['https://a/cb', 'http://127.0.0.1:5555/cb?x=1', 'app:/cb', 'com.example.app://cb', '/cb'].map((uri) => [uri]),
  ])('takes the redirect URI %s', (uri) => expect(() => check({ redirect_uris: [uri] })).not.toThrow());

  it.each([[''], ['cb'], ['redirect-url'], ['https://a/ b'], ['//a b'], ['https://a/%zz']])(
    'refuses the redirect URI "%s"',
    (uri) => {
      const hint = invalid({ hint: expect.stringMatching(/^redirect_uris/) });
      expect(() => check({ redirect_uris: ['https://a/', uri] })).toThrow(hint);
    },
  );

  it.each(['tos_uri', 'policy_uri', 'logo_uri', 'client_uri'])('wants %s to be a link', (member) => {
    for (const uri of ['', 'https://a', 'HTTP://a/b']) expect(() => check({ [member]: uri })).not.toThrow();
    for (const uri of ['javascript:alert(1)', 'JavaScript://a', 'data:text/html,x', 'a', '//a/b', 'http:']) {
      expect(() => check({ [member]: uri })).toThrow(invalid({ hint: expect.stringContaining(member) }));
    }
  });
});

describe('sectorIdentifierCovers (OpenID Connect Core 1.0 8.1)', () => {
  it('wants every redirect URI in the list', () => {
    expect(() => sectorIdentifierCovers(['https://a', 'https://b'], ['https://b'])).not.toThrow();
  });

  it.each([[[]], [['https://a']], [['https://B']], [{ 0: 'https://b' }], [[1, 'https://b']], ['https://b'], [null]])(
    'refuses %j',
    (list) => {
      const debug = invalid({ debug: expect.stringContaining('sector_identifier_uri') });
      expect(() => sectorIdentifierCovers(list, ['https://b'])).toThrow(debug);
    },
  );
});
