import { s256 } from '#libs/crypto';
import { type ClientRegistration, assertNever } from '#libs/domain';
import { allowedAudience } from './audience.js';
import { oauthError } from './errors.js';
import { type FormValues, parameter, repeatedParameter } from './form-encoding.js';
import { type GrantType, grantTypes, hasGrantType } from './grant-type.js';
import { type ScopeStrategy, allowedScope, splitScope } from './scope-strategy.js';

export type TokenRequest =
  | {
      readonly grantType: 'authorization_code';
      readonly code: string;
      readonly redirectUri: string | null;
      /** The S256 transformation of the `code_verifier` that was sent. */
      readonly codeChallenge: string | null;
    }
  | { readonly grantType: 'refresh_token'; readonly refreshToken: string }
  | {
      readonly grantType: 'client_credentials';
      readonly scope: readonly string[];
      readonly audience: readonly string[];
    };

/** RFC 7636 4.1. */
const codeVerifier = /^[A-Za-z0-9\-._~]{43,128}$/;
const tokenParameters = [
  ...['grant_type', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'scope', 'audience'],
];

/**
 * The grant type of a request to the token endpoint; can be asked before the client is authenticated.
 *
 * @throws OAuthError `invalid_request` (missing, or some parameter is repeated) | `unsupported_grant_type`
 * @see RFC 6749 3.2, 5.2
 */
export function grantTypeOf(body: FormValues): GrantType {
  const repeated = repeatedParameter(body, tokenParameters);
  if (repeated !== undefined) throw oauthError('invalid_request', `${repeated} is included more than once.`);
  const sent = parameter(body, 'grant_type');
  if (sent === undefined) throw oauthError('invalid_request', 'grant_type is missing.');
  const known = grantTypes.find((grantType) => grantType === sent);
  if (known === undefined) throw oauthError('unsupported_grant_type');
  return known;
}

/**
 * Reads the request of an authenticated client and checks all of it that needs no stored state: is the grant registered, and for a
 * client's own tokens, may it have what it asks for. The `scope` of a refresh is ignored (oauth2-flows.md 3.4).
 *
 * @throws OAuthError `invalid_request` | `unsupported_grant_type` | `invalid_grant` | `invalid_scope`
 * @see RFC 6749 4.1.3, 4.4.2, 6; oauth2-flows.md 3.3 to 3.5
 */
export function parseTokenRequest(
  body: FormValues,
  { registration, scopeStrategy }: { readonly registration: ClientRegistration; readonly scopeStrategy: ScopeStrategy },
): TokenRequest {
  const grantType = grantTypeOf(body);
  if (!hasGrantType(registration, grantType)) {
    throw oauthError('invalid_grant', `The client has not registered the grant type ${grantType}.`);
  }
  switch (grantType) {
    case 'authorization_code': {
      const redirectUri = parameter(body, 'redirect_uri') ?? null;
      return { grantType, code: required(body, 'code'), redirectUri, codeChallenge: challengeOf(body) };
    }
    case 'refresh_token':
      return { grantType, refreshToken: required(body, 'refresh_token') };
    case 'client_credentials':
      if (registration.token_endpoint_auth_method === 'none') {
        throw oauthError('invalid_grant', 'A public client cannot use the grant type client_credentials.');
      }
      return { grantType, ...requestedByClient(body, registration, scopeStrategy) };
    default:
      return assertNever(grantType);
  }
}

/**
 * Whether what was granted may still be refreshed: the client's registration may have shrunk since.
 *
 * @throws OAuthError `scope_not_granted` (no offline scope was granted) | `invalid_scope` | `invalid_request` (audience)
 * @see oauth2-flows.md 3.4
 */
export function recheckRefresh({
  scope,
  audience,
  registration,
  scopeStrategy,
}: {
  /** As granted. */
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly registration: ClientRegistration;
  readonly scopeStrategy: ScopeStrategy;
}): void {
  if (!grantsRefreshToken(scope)) {
    throw oauthError('scope_not_granted', 'Neither offline nor offline_access was granted.');
  }
  allowedScope(scope, registration, scopeStrategy);
  allowedAudience(audience, registration);
}

/** Whether a code exchange gives a refresh token (oauth2-flows.md 3.3). */
export function grantsRefreshToken(grantedScope: readonly string[]): boolean {
  return grantedScope.includes('offline') || grantedScope.includes('offline_access');
}

function requestedByClient(
  body: FormValues,
  registration: ClientRegistration,
  strategy: ScopeStrategy,
): { scope: readonly string[]; audience: readonly string[] } {
  return {
    scope: allowedScope(splitScope(parameter(body, 'scope') ?? ''), registration, strategy),
    audience: allowedAudience(splitScope(parameter(body, 'audience') ?? ''), registration),
  };
}

function challengeOf(body: FormValues): string | null {
  const verifier = parameter(body, 'code_verifier');
  if (verifier === undefined) return null;
  if (!codeVerifier.test(verifier)) {
    throw oauthError('invalid_grant', 'code_verifier must have 43 to 128 characters of A-Z a-z 0-9 - . _ ~');
  }
  return s256(verifier);
}

function required(body: FormValues, name: string): string {
  const value = parameter(body, name);
  if (value === undefined) throw oauthError('invalid_request', `${name} is missing.`);
  return value;
}
