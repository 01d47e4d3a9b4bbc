import { type AuthorizationRequest, type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';
import { hasGrantType } from './grant-type.js';
import { isSecureForCode } from './redirect-uri.js';

/** An S256 challenge is a SHA-256 in base64url without padding (RFC 7636 4.2). */
const s256Challenge = /^[A-Za-z0-9_-]{43}$/;
const leastNonceLength = 8;

/**
 * The checks of rc.8 that wait until consent was given, right before a code is issued. Errors go to the client.
 *
 * @param codeChallengeMethod as the request sent it; no event has it but in the URL of the request
 * @throws OAuthError `unauthorized_client` | `invalid_request` | `insufficient_entropy`
 * @see oauth2-flows.md 1.2.2
 */
export function validateIssuing({
  request,
  codeChallengeMethod,
  nonce,
  registration,
  grantedScope,
}: {
  readonly request: AuthorizationRequest;
  readonly codeChallengeMethod: string | undefined;
  readonly nonce: string | null;
  readonly registration: ClientRegistration;
  readonly grantedScope: readonly string[];
}): void {
  if (!hasGrantType(registration, 'authorization_code')) {
    throw oauthError('unauthorized_client', 'The client has not registered the grant type authorization_code.');
  }
  if (!isSecureForCode(request.redirectUri)) {
    throw oauthError('invalid_request', 'A redirect_uri with the scheme http must point to the local host.');
  }
  if (grantedScope.includes('openid') && nonce !== null && nonce.length < leastNonceLength) {
    throw oauthError('insufficient_entropy', 'nonce must have at least 8 characters.');
  }
  refuseWeakChallenge(request.codeChallenge, codeChallengeMethod);
}

/** A challenge is honoured for every client, not only for public ones, and only with S256 (RFC 7636 4.3, RFC 9700 2.1.1). */
function refuseWeakChallenge(codeChallenge: string | null, method: string | undefined): void {
  if (codeChallenge === null) return;
  if (method !== 'S256') {
    throw oauthError('invalid_request', 'code_challenge_method must be S256.');
  }
  if (!s256Challenge.test(codeChallenge)) {
    throw oauthError('invalid_request', 'code_challenge must be a SHA-256 in base64url without padding.');
  }
}
