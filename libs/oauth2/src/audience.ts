import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';
import { isMalformedUri, splitUri } from './uri.js';

/**
 * Whether every requested audience is allowed: a registered one has the same scheme and host, and its path equals or is a
 * whole-segment prefix of the requested one. Trailing slashes and query strings do not count; what has no host is
 * allowed only if registered literally, what is malformed never.
 *
 * @see oauth2-flows.md 3.7
 */
export function audienceAllowed(registered: readonly string[], requested: readonly string[]): boolean {
  return requested.every((audience) => registered.some((allowed) => covers(allowed, audience)));
}

/**
 * Refuses audiences the client has not registered.
 *
 * @throws OAuthError `invalid_request`
 * @see oauth2-flows.md 3.7
 */
export function allowedAudience(
  requested: readonly string[],
  registration: Pick<ClientRegistration, 'audience'>,
): readonly string[] {
  if (!audienceAllowed(registration.audience, requested)) {
    throw oauthError('invalid_request', 'The client may not request one of the audiences.');
  }
  return requested;
}

function covers(allowed: string, requested: string): boolean {
  const [pattern, uri] = [splitUri(allowed), splitUri(requested)];
  if (pattern === undefined || uri === undefined) return allowed === requested && !isMalformedUri(requested);
  if (pattern.scheme !== uri.scheme || pattern.host !== uri.host || pattern.userInfo !== uri.userInfo) return false;
  const [prefix, path] = [withoutTrailingSlashes(pattern.path), withoutTrailingSlashes(uri.path)];
  return path === prefix || path.startsWith(`${prefix}/`);
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
