import { describe, expect, it } from '@jest/globals';
import { normaliseRegistration } from './client-metadata/normalise-registration.js';
import { validateIssuing } from './issuing.js';

const rules = { defaultScope: '', subjectTypesSupported: ['public'] };
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

type Given = {
  redirectUri?: string;
  codeChallenge?: string | null;
  method?: string;
  nonce?: string | null;
  grantTypes?: string[];
  grantedScope?: string[];
  authMethod?: string;
};

function issue({ redirectUri, codeChallenge, method, nonce, grantTypes, grantedScope, authMethod }: Given): void {
  validateIssuing({
    request: {
      redirectUri: redirectUri ?? 'https://app/cb',
      redirectUriSent: true,
      ...{ responseTypes: ['code'], scope: [], audience: [], prompt: [], maxAge: null, acrValues: [] },
      codeChallenge: codeChallenge ?? null,
    },
    codeChallengeMethod: method,
    nonce: nonce ?? null,
    registration: normaliseRegistration(
      { grant_types: grantTypes ?? [], token_endpoint_auth_method: authMethod ?? '' },
      rules,
    ),
    grantedScope: grantedScope ?? ['openid'],
  });
}

describe('validateIssuing (oauth2-flows.md 1.2.2)', () => {
  it.each<[string, Given]>([
    ['the grant type registered by default', {}],
    ['the grant type registered', { grantTypes: ['implicit', 'authorization_code'] }],
    ['http on the local host', { redirectUri: 'http://localhost:3000/cb' }],
    ['a custom scheme', { redirectUri: 'com.example:/cb' }],
    ['a nonce of 8 characters', { nonce: '12345678' }],
    ['a short nonce nobody will see', { nonce: '1', grantedScope: ['foo'] }],
    ['a challenge (RFC 7636 appendix B)', { codeChallenge: challenge, method: 'S256' }],
    ['a method without a challenge', { method: 'plain' }],
  ])('accepts %s', (_, given) => expect(() => issue(given)).not.toThrow());

  it.each<[string, Given, string]>([
    ['a client without the grant type', { grantTypes: ['implicit'] }, 'unauthorized_client'],
    ['the grant type in another case', { grantTypes: ['Authorization_Code'] }, 'unauthorized_client'],
    ['http elsewhere', { redirectUri: 'http://app/cb' }, 'invalid_request'],
    ['a short nonce', { nonce: '1234567' }, 'insufficient_entropy'],
    ['a challenge without method', { codeChallenge: challenge }, 'invalid_request'],
    ['the method plain', { codeChallenge: challenge, method: 'plain' }, 'invalid_request'],
    ['the method in another case', { codeChallenge: challenge, method: 's256' }, 'invalid_request'],
    [
      'the method plain for a public client',
      { codeChallenge: challenge, method: 'plain', authMethod: 'none' },
      'invalid_request',
    ],
    ['a challenge too short', { codeChallenge: challenge.slice(1), method: 'S256' }, 'invalid_request'],
    ['a padded challenge', { codeChallenge: `${challenge}=`, method: 'S256' }, 'invalid_request'],
    ['a challenge in base64', { codeChallenge: challenge.replace('-', '+'), method: 'S256' }, 'invalid_request'],
  ])('refuses %s', (_, given, code) => expect(() => issue(given)).toThrow(expect.objectContaining({ code })));
});
