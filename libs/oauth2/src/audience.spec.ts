import { describe, expect, it } from '@jest/globals';
import { allowedAudience, audienceAllowed } from './audience.js';

describe('audienceAllowed (oauth2-flows.md 3.7)', () => {
  it.each([
    [['https://api.ory.sh/'], ['https://api.ory.sh'], true],
    [['https://api.ory.sh'], ['https://api.ory.sh/'], true],
    [['https://api.ory.sh/'], ['https://api.ory.sh/sub/x?y=1'], true],
    [['https://api/a?x=1'], ['https://api/a/b'], true],
    [['https://a', 'https://b'], ['https://b/x', 'https://a'], true],
    [['my-api', 'urn:api:1'], ['my-api', 'urn:api:1'], true],
    [['https://a'], [], true],
    [[], [], true],
    [['https://api/a'], ['https://api/ab'], false],
    [['https://api/a'], ['https://api/'], false],
    [['https://api/a'], ['https://api/A'], false],
    [['https://api'], ['http://api'], false],
    [['https://api'], ['https://api:444'], false],
    [['https://api'], ['https://api.evil'], false],
    [['https://api'], ['https://api@evil'], false],
    [['https://api'], ['https://API'], false],
    [['https://a'], ['https://a', 'https://b'], false],
    [['urn:api:1'], ['urn:api:2'], false],
    [['my-api'], ['my-api/sub'], false],
    [['https://api'], ['https:/api'], false],
    [['https://a%zz'], ['https://a%zz'], false],
    [['https://api'], ['https://api/%zz'], false],
    [[':', ''], [':x'], false],
    [[], ['https://api'], false],
  ])('%j and %j: %j', (registered, requested, allowed) => {
    expect(audienceAllowed(registered, requested)).toBe(allowed);
  });

  it('is refused as invalid_request', () => {
    expect(() => allowedAudience(['https://b'], { audience: ['https://a'] })).toThrow(/^invalid_request/);
    expect(allowedAudience(['https://a'], { audience: ['https://a'] })).toEqual(['https://a']);
  });
});
