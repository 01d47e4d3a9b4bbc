import { type JsonObject } from '#libs/domain';
import { grantTypes } from './grant-type.js';
import { issuerUrl } from './request-url.js';

export type DiscoveryConfig = {
  readonly issuer: string;
  /** `urls.self.public`: where userinfo is reached unless configured otherwise. */
  readonly publicUrl: string;
  /** `''` when not configured. */
  readonly userinfoUrl: string;
  /** `''` when not configured. */
  readonly registrationUrl: string;
  /** What the operator added to `sub`. */
  readonly supportedClaims: readonly string[];
  /** What the operator added to `offline` and `openid`. */
  readonly supportedScopes: readonly string[];
  readonly subjectTypesSupported: readonly string[];
};

/** How clients may say who they are (RFC 7591 2). */
export const clientAuthenticationMethods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'];
/** Of client assertions (RFC 8414 2). */
const assertionAlgorithms = ['RS256'];

/**
 * `/.well-known/openid-configuration`: what this server really does, so without the flows of rc.8 that are not implemented, and
 * with the claims and scopes in their own lists (D11).
 *
 * @see OpenID Connect Discovery 1.0 3, RFC 8414 2, RFC 9207 3, oauth2-flows.md 1.6
 */
export function discoveryDocument(config: DiscoveryConfig): JsonObject {
  const { issuer, registrationUrl, userinfoUrl } = config;
  return {
    issuer: issuerUrl(issuer, ''),
    authorization_endpoint: issuerUrl(issuer, 'oauth2/auth'),
    ...(registrationUrl === '' ? {} : { registration_endpoint: registrationUrl }),
    token_endpoint: issuerUrl(issuer, 'oauth2/token'),
    jwks_uri: issuerUrl(issuer, '.well-known/jwks.json'),
    subject_types_supported: config.subjectTypesSupported,
    response_types_supported: ['code'],
    claims_supported: [...new Set(['sub', ...config.supportedClaims])],
    grant_types_supported: grantTypes,
    response_modes_supported: ['query'],
    userinfo_endpoint: userinfoUrl === '' ? issuerUrl(config.publicUrl, 'userinfo') : userinfoUrl,
    revocation_endpoint: issuerUrl(issuer, 'oauth2/revoke'),
    scopes_supported: [...new Set(['offline', 'openid', ...config.supportedScopes])],
    token_endpoint_auth_methods_supported: clientAuthenticationMethods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: clientAuthenticationMethods,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    userinfo_signing_alg_values_supported: ['none', 'RS256'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    require_request_uri_registration: false,
    claims_parameter_supported: false,
  };
}
