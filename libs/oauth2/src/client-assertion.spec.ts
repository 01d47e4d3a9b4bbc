import { describe, expect, it } from '@jest/globals';
import { assertionKeyId, checkAssertionClaims, presentedAssertion, singleUseOf } from './client-assertion.js';
import { type FormRecord, formValues } from './form-encoding.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown, header: unknown = { alg: 'RS256', kid: 'k' }): string =>
  `${encode(header)}.${encode(claims)}.c2ln`;
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const form = (assertion: string, more: FormRecord = {}): FormRecord => ({
  client_assertion_type: type,
  client_assertion: assertion,
  ...more,
});

describe('presentedAssertion (RFC 7521 4.2, RFC 7523 2.2)', () => {
  const present = (body: FormRecord, authorization?: string) =>
    presentedAssertion({ authorization, body: formValues(body) });

  it.each<[string, FormRecord, string | undefined]>([
    ['alone', form(jwt({ sub: 'c' })), undefined],
    ['with the id', form(jwt({ sub: 'c' }), { client_id: 'c' }), undefined],
    ['with an empty id and secret', form(jwt({ sub: 'c' }), { client_id: '', client_secret: '' }), undefined],
    ['beside a header of another scheme', form(jwt({ sub: 'c' })), 'Bearer x'],
  ])('reads one %s', (_, body, authorization) => {
    expect(present(body, authorization)).toEqual({
      ...{ method: 'private_key_jwt', clientId: 'c', alg: 'RS256', kid: 'k' },
      assertion: body.client_assertion,
    });
  });

  it.each<[string, FormRecord, string | undefined, string, number]>([
    ['a Basic header', form(jwt({ sub: 'c' })), 'Basic Yzpz', 'invalid_client', 401],
    ['a malformed Basic header', form(jwt({ sub: 'c' })), ' basic', 'invalid_client', 401],
    ['a secret', form(jwt({ sub: 'c' }), { client_secret: 's' }), undefined, 'invalid_client', 401],
    ['the id of another client', form(jwt({ sub: 'c' }), { client_id: 'd' }), undefined, 'invalid_client', 401],
    ['no type', { client_assertion: jwt({ sub: 'c' }) }, undefined, 'invalid_request', 400],
    ['another type', form(jwt({ sub: 'c' }), { client_assertion_type: 'x' }), undefined, 'invalid_request', 400],
    ['no assertion', { client_assertion_type: type }, undefined, 'invalid_request', 400],
    ['an empty assertion', form(''), undefined, 'invalid_request', 400],
    ['no JWT', form('x.y.z'), undefined, 'invalid_client', 401],
    ['no subject', form(jwt({ iss: 'c' })), undefined, 'invalid_client', 401],
    ['no subject, but the id', form(jwt({ iss: 'c' }), { client_id: 'c' }), undefined, 'invalid_client', 401],
    ['an empty subject', form(jwt({ sub: '' })), undefined, 'invalid_client', 401],
    ['a subject that is no text', form(jwt({ sub: ['c'] })), undefined, 'invalid_client', 401],
  ])('refuses one with %s', (_, body, authorization, code, status) => {
    expect(() => present(body, authorization)).toThrow(expect.objectContaining({ code, status }));
  });
});

describe('assertionKeyId (oauth2-flows.md 3.9)', () => {
  it('is the kid', () => expect(assertionKeyId({ alg: 'RS256', kid: 'k' })).toBe('k'));

  it.each([undefined, 'none', 'HS256', 'ES256', 'PS256', 'RS384', 'rs256'])('RS256 alone, not %s', (alg) => {
    expect(() => assertionKeyId({ alg, kid: 'k' })).toThrow(expect.objectContaining({ code: 'invalid_client' }));
  });

  it.each([undefined, ''])('kid is needed, not %j', (kid) => {
    expect(() => assertionKeyId({ alg: 'RS256', kid })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('checkAssertionClaims (RFC 7523 3)', () => {
  const now = new Date('2026-05-01T12:00:00Z');
  const seconds = now.getTime() / 1000;
  const endpoint = 'https://idp/oauth2/token';
  const audiences = [endpoint, 'https://public/oauth2/token'];
  const good = { iss: 'c', sub: 'c', aud: endpoint, jti: 'j' };
  const check = (change: Record<string, unknown>) => () =>
    checkAssertionClaims({ ...good, ...change }, { clientId: 'c', audiences, now });

  it.each<[string, Record<string, unknown>]>([
    ['no times', {}],
    ['a time to live', { exp: seconds + 60, nbf: seconds - 60, iat: seconds - 60 }],
    ['clocks that differ a little', { exp: seconds - 9, nbf: seconds + 10, iat: seconds + 10 }],
    ['the other URL', { aud: audiences[1] }],
    ['several audiences', { aud: ['https://other', endpoint] }],
  ])('accepts %s', (_, change) => expect(check(change)).not.toThrow());

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'd' }],
    ['no issuer', { iss: undefined }],
    ['another subject', { sub: 'd' }],
    ['no subject', { sub: undefined }],
    ['no audience', { aud: undefined }],
    ['an empty list of audiences', { aud: [] }],
    ['the issuer as audience (#71)', { aud: 'https://idp/' }],
    ['a slash more', { aud: `${endpoint}/` }],
    ['a longer audience', { aud: `${endpoint}x` }],
    ['an audience in a list in a list', { aud: [[endpoint]] }],
    ['no jti (#71)', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['a jti that is no text', { jti: 1 }],
    ['it has expired', { exp: seconds - 10 }],
    ['an exp that is no number', { exp: String(seconds + 60) }],
    ['an exp of null', { exp: null }],
    ['an nbf to come', { nbf: seconds + 11 }],
    ['an nbf that is no number', { nbf: '0' }],
    ['an iat to come', { iat: seconds + 11 }],
  ])('refuses %s', (_, change) => {
    expect(check(change)).toThrow(expect.objectContaining({ code: 'invalid_client', status: 401 }));
  });
});

describe('singleUseOf (RFC 7523 3)', () => {
  const now = new Date('2026-05-01T12:00:00Z');
  const seconds = now.getTime() / 1000;

  it.each([0, 3600, 3610])('an assertion that expires in %d s is one by its jti', (ahead) => {
    const expiresAt = new Date((seconds + ahead) * 1000);
    expect(singleUseOf({ jti: 'j', exp: seconds + ahead }, now)).toEqual({ jti: 'j', expiresAt });
  });

  it.each([{}, { exp: null }, { exp: seconds + 3611 }, { exp: 1e300 }])('refuses %j', (claims) => {
    expect(() => singleUseOf({ jti: 'j', ...claims }, now)).toThrow(
      expect.objectContaining({ code: 'invalid_client', status: 401 }),
    );
  });
});
