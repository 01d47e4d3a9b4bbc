import { describe, expect, it } from '@jest/globals';
import { discoveryDocument } from './discovery.js';

const config = {
  ...{ issuer: 'https://idp/auth', publicUrl: 'https://public/', userinfoUrl: '', registrationUrl: '' },
  ...{ supportedClaims: [], supportedScopes: [], subjectTypesSupported: ['public'] },
};

describe('discoveryDocument (OpenID Connect Discovery 1.0 3)', () => {
  it('names the endpoints below the issuer', () => {
    expect(discoveryDocument(config)).toMatchObject({
      issuer: 'https://idp/auth/',
      authorization_endpoint: 'https://idp/auth/oauth2/auth',
      token_endpoint: 'https://idp/auth/oauth2/token',
      revocation_endpoint: 'https://idp/auth/oauth2/revoke',
      jwks_uri: 'https://idp/auth/.well-known/jwks.json',
      userinfo_endpoint: 'https://public/userinfo',
    });
  });

  it('promises only what is there', () => {
    const methods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'];
    expect(discoveryDocument(config)).toMatchObject({
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: ['RS256'],
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['RS256'],
      userinfo_signing_alg_values_supported: ['none', 'RS256'],
      authorization_response_iss_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      require_request_uri_registration: false,
      claims_parameter_supported: false,
    });
  });

  it.each(['registration_endpoint', 'introspection_endpoint', 'end_session_endpoint'])('has no %s', (member) => {
    expect(discoveryDocument(config)).not.toHaveProperty(member);
  });

  it('takes what is configured, claims and scopes unswapped (D11)', () => {
    const configured = {
      ...{ userinfoUrl: 'https://u', registrationUrl: 'https://r', subjectTypesSupported: ['pairwise'] },
      ...{ supportedClaims: ['email', 'sub'], supportedScopes: ['photos'] },
    };
    expect(discoveryDocument({ ...config, ...configured })).toMatchObject({
      userinfo_endpoint: 'https://u',
      registration_endpoint: 'https://r',
      subject_types_supported: ['pairwise'],
      claims_supported: ['sub', 'email'],
      scopes_supported: ['offline', 'openid', 'photos'],
    });
  });
});
