import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';
import { splitUri } from './uri.js';

const absolute = /^[a-z][a-z0-9+.-]*:[^\s#]+$/i;

/**
 * The redirect URI a request is answered at: the one sent, if it is registered literally (case counts, no port or path matching);
 * or the registered one, if none was sent and there is exactly one.
 *
 * @throws OAuthError `invalid_request`
 * @see RFC 6749 3.1.2, RFC 9700 2.1, oauth2-flows.md 1.2.1 number 4
 */
export function resolveRedirectUri(
  registration: Pick<ClientRegistration, 'redirect_uris'>,
  sent: string | undefined,
): string {
  const { redirect_uris: registered } = registration;
  const [only] = registered;
  if (sent === undefined && registered.length !== 1) {
    throw oauthError('invalid_request', 'redirect_uri is required unless the client has registered exactly one.');
  }
  const uri = sent ?? only;
  if (uri === undefined || !registered.includes(uri)) {
    throw oauthError('invalid_request', 'redirect_uri is not one the client has registered.');
  }
  if (!absolute.test(uri) || !URL.canParse(uri)) {
    throw oauthError('invalid_request', 'redirect_uri must be an absolute URI without a fragment.');
  }
  return uri;
}

/**
 * Whether a code may be sent to this URI: plain `http` only on the user's own machine. Custom schemes are fine.
 *
 * @see oauth2-flows.md 1.2.2, RFC 8252 7.3
 */
export function isSecureForCode(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'http:') return true;
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1' || hostname === '[::1]'
  );
}

/** Whether a redirect URI can be answered only by who holds its host's certificate; lets a public client skip consent (2.6). */
export function isHttps(uri: string): boolean {
  return splitUri(uri)?.scheme === 'https';
}
