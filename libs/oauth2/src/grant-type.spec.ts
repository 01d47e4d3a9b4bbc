import { describe, expect, it } from '@jest/globals';
import { normaliseRegistration } from './client-metadata/normalise-registration.js';
import { type GrantType, hasGrantType } from './grant-type.js';

describe('hasGrantType (RFC 7591 2)', () => {
  it.each<[string[], GrantType, boolean]>([
    [[], 'authorization_code', true],
    [['refresh_token'], 'refresh_token', true],
    [[], 'refresh_token', false],
    [[], 'client_credentials', false],
    [['refresh_token'], 'authorization_code', false],
    [['CLIENT_CREDENTIALS'], 'client_credentials', false],
  ])('%j has %s: %j', (registered, grantType, has) => {
    const rules = { defaultScope: '', subjectTypesSupported: ['public'] };
    expect(hasGrantType(normaliseRegistration({ grant_types: registered }, rules), grantType)).toBe(has);
  });
});
