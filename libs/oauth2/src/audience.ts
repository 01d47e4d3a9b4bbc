import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';
import { distinct, maxRequestedItems } from './scope-strategy.js';
import { isMalformedUri, splitUri } from './uri.js';

/**
 * Whether every requested audience is allowed: a registered one has the same scheme and host, and its path equals or is a
 * whole-segment prefix of the requested one. Trailing slashes and query strings do not count; what has no host is
 * allowed only if registered literally, what is malformed never.
 *
 * @see oauth2-flows.md 3.7
 */
export function audienceAllowed(registered: readonly string[], requested: readonly string[]): boolean {
  const allowed = registered.map((text) => ({ text, uri: splitUri(text) }));
  return requested.every((audience) => {
    const uri = splitUri(audience);
    return allowed.some((each) => covers(each, { text: audience, uri }));
  });
}

/**
 * Refuses audiences the client has not registered, and more than `maxRequestedItems`.
 *
 * @returns each of them once
 * @throws OAuthError `invalid_request`
 * @see oauth2-flows.md 3.7
 */
export function allowedAudience(
  requested: readonly string[],
  registration: Pick<ClientRegistration, 'audience'>,
): readonly string[] {
  const items = distinct(requested);
  if (items.length > maxRequestedItems) {
    throw oauthError('invalid_request', `More than ${maxRequestedItems} audiences are requested.`);
  }
  if (!audienceAllowed(registration.audience, items)) {
    throw oauthError('invalid_request', 'The client may not request one of the audiences.');
  }
  return items;
}

type Audience = { readonly text: string; readonly uri: ReturnType<typeof splitUri> };

function covers({ text: allowed, uri: pattern }: Audience, { text: requested, uri }: Audience): boolean {
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
