import { describe, expect, it } from '@jest/globals';
import {
  maxAgeParameter,
  openIdConnectContext,
  parseAuthorizeParameters,
  repeatedAuthorizeParameter,
} from './authorize-parameters.js';

describe('parseAuthorizeParameters (oauth2-flows.md 1.2)', () => {
  it('leaves the query of a GET as it is', () => {
    const { rawQuery, values, malformed } = parseAuthorizeParameters('z=%7e&client_id=c', undefined);
    expect({ rawQuery, malformed }).toEqual({ rawQuery: 'z=%7e&client_id=c', malformed: false });
    expect(values.get('z')).toEqual(['~']);
  });

  it.each([
    ['a=1', 'b=x+y'],
    ['a=1', { b: 'x y' }],
    ['', 'a=1&b=x+y'],
    ['', { b: ['x y'], a: '1' }],
  ])('merges query %j and body %j (D3)', (query, body) => {
    expect(parseAuthorizeParameters(query, body)).toMatchObject({ rawQuery: 'a=1&b=x+y', malformed: false });
  });

  it('notices what cannot be decoded, in either part', () => {
    expect(parseAuthorizeParameters('a=%', '').malformed).toBe(true);
    expect(parseAuthorizeParameters('', 'a=%').malformed).toBe(true);
  });

  it.each([
    ['client_id=a&client_id=a', undefined, 'client_id'],
    ['state=a', 'state=b', 'state'],
    ['scope=&scope=', undefined, 'scope'],
    ['resource=a&resource=b', undefined, undefined],
    ['state=a&nonce=a', undefined, undefined],
  ])('finds the repeated parameter of %j, %j (RFC 6749 3.1)', (query, body, repeated) => {
    expect(repeatedAuthorizeParameter(parseAuthorizeParameters(query, body))).toBe(repeated);
  });
});

describe('max_age (oauth2-flows.md 2.2)', () => {
  it.each([
    ['', null],
    ['max_age=', null],
    ['max_age=0', null],
    ['max_age=-1', null],
    ['max_age=3600', 3600],
    ['max_age=1.5', 'invalid'],
    ['max_age=1h', 'invalid'],
    ['max_age=0x10', 'invalid'],
    ['max_age=99999999999999999999', 'invalid'],
  ])('%j is %j', (query, maxAge) => {
    expect(maxAgeParameter(parseAuthorizeParameters(query, undefined).values)).toBe(maxAge);
  });
});

describe('openIdConnectContext (admin-api.md 3.13)', () => {
  it('shows what was asked for', () => {
    const parameters = parseAuthorizeParameters(
      'display=page&ui_locales=de+en&acr_values=1++2&login_hint=al&x=y',
      undefined,
    );
    expect(openIdConnectContext(parameters, { sub: 'alice' })).toEqual({
      acr_values: ['1', '2'],
      ui_locales: ['de', 'en'],
      display: 'page',
      login_hint: 'al',
      id_token_hint_claims: { sub: 'alice' },
    });
  });

  it('is empty when nothing was', () => {
    expect(openIdConnectContext(parseAuthorizeParameters('display=&ui_locales=+&x=y', undefined), {})).toEqual({});
    expect(openIdConnectContext(parseAuthorizeParameters('', undefined), undefined)).toEqual({});
  });
});
