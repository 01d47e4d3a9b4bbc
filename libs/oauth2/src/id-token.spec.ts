import { describe, expect, it } from '@jest/globals';
import { halfHash } from '#libs/crypto';
import { idTokenClaims, stableIdTokenClaims, userinfoClaims } from './id-token.js';

const login = {
  subjectIdentifier: 'alice',
  authenticatedAt: '2026-01-01T00:00:10.900Z',
  requestedAt: '2026-01-01T00:00:00.100Z',
  acr: '',
  acrValues: [],
  custom: {},
};
const stable = { sub: 'alice', auth_time: 1767225610, rat: 1767225600 };

describe('stableIdTokenClaims (oauth2-flows.md 4.1)', () => {
  it('has times in whole seconds', () => expect(stableIdTokenClaims(login)).toEqual(stable));

  it.each([
    ['given', { acr: '2', acrValues: ['1'] }, { acr: '2' }],
    ['asked for and not given', { acrValues: ['1'] }, { acr: '0' }],
    ['neither', {}, {}],
  ])('has acr: %s', (_, given, expected) => {
    expect(stableIdTokenClaims({ ...login, ...given })).toEqual({ ...stable, ...expected });
  });

  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'rat', 'nonce', 'jti', 'acr', 'at_hash', 'c_hash'])(
    'never takes %s from the consent app',
    (name) => {
      const custom = { [name]: 'mine', email: 'a@example.org' };
      expect(stableIdTokenClaims({ ...login, custom })).toEqual({ ...stable, email: 'a@example.org' });
    },
  );
});

describe('idTokenClaims (OpenID Connect Core 1.0 2)', () => {
  const token = {
    ...{ stable, issuer: 'https://idp/', clientId: 'c', nonce: null, accessToken: undefined, lifespanSeconds: 3600 },
    ...{ now: new Date('2026-01-01T00:01:00.999Z'), jti: 'j' },
  };
  const claims = { ...stable, iss: 'https://idp/', aud: ['c'], exp: 1767229260, iat: 1767225660, jti: 'j' };

  it('adds what differs from token to token', () => expect(idTokenClaims(token)).toEqual(claims));

  it('has a nonce and the hash of the access token', () => {
    const full = idTokenClaims({ ...token, nonce: '12345678', accessToken: 'a.b' });
    expect(full).toEqual({ ...claims, nonce: '12345678', at_hash: halfHash('a.b') });
  });

  it('leaves out an empty nonce (D18)', () => {
    expect(idTokenClaims({ ...token, nonce: '' })).not.toHaveProperty('nonce');
  });
});

describe('userinfoClaims (oauth2-flows.md 4.3)', () => {
  const client = { issuer: 'https://idp/', clientId: 'c', signed: false };

  it('has who it is and what the consent app said, no times', () => {
    expect(userinfoClaims({ ...stable, acr: '1', email: 'a' }, client)).toEqual({ sub: 'alice', acr: '1', email: 'a' });
  });

  it('names issuer and audience when signed', () => {
    const signed = userinfoClaims(stable, { ...client, signed: true });
    expect(signed).toEqual({ sub: 'alice', iss: 'https://idp/', aud: ['c'] });
  });

  it("has an empty sub for a client's own token", () => expect(userinfoClaims(undefined, client)).toEqual({ sub: '' }));
});
