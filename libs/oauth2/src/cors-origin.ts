import { oauthError } from './errors.js';
import { splitUri } from './uri.js';

/**
 * An allowed CORS origin as it is stored: scheme in lower case, no trailing slash; wildcards in the host are fine.
 *
 * @throws OAuthError `invalid_request`, the hint names the origin
 * @see admin-api.md 2.1 rule 6
 */
export function normaliseOrigin(origin: string): string {
  const parts = splitUri(origin);
  if (parts === undefined || !URL.canParse(origin)) throw refused(origin, 'is not a URL');
  const { scheme, userInfo, host, path, query, fragment } = parts;
  if (scheme !== 'http' && scheme !== 'https') throw refused(origin, 'must have the scheme http or https');
  if (userInfo !== undefined) throw refused(origin, 'must not have a user name');
  if (path !== '' && path !== '/') throw refused(origin, 'must not have a path');
  if (query !== undefined) throw refused(origin, 'must not have a query');
  if (fragment !== undefined) throw refused(origin, 'must not have a fragment');
  return `${scheme}://${host}`;
}

function refused(origin: string, reason: string): Error {
  return oauthError('invalid_request', `The entry "${origin}" of allowed_cors_origins ${reason}.`);
}
