import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';

/** Of a list of allowed or granted scopes makes what says whether a requested one is covered by it. */
export type ScopeStrategy = (granted: readonly string[]) => (requested: string) => boolean;

/** How many different scopes, or audiences, may be asked for at once. */
export const maxRequestedItems = 100;

/**
 * The strategy of a configured name: `exact`, `DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY`, wildcard for any other.
 *
 * @see oauth2-flows.md 3.6
 */
export function scopeStrategy(name: string): ScopeStrategy {
  if (name === 'exact') return (granted) => (requested) => granted.includes(requested);
  if (name === 'DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY') {
    return (granted) => (requested) =>
      granted.some((scope) => scope === requested || requested.startsWith(`${scope}.`));
  }
  return (granted) => {
    const patterns = granted.map((pattern) => pattern.split('.'));
    return (requested) => {
      const parts = requested.split('.');
      return patterns.some((pattern) => wildcardMatches(pattern, parts));
    };
  };
}

/** Whether every requested scope is covered by the granted ones; none requested is always covered (oauth2-flows.md 2.6). */
export function coversScopes(
  strategy: ScopeStrategy,
  granted: readonly string[],
  requested: readonly string[],
): boolean {
  return requested.every(strategy(granted));
}

/**
 * Refuses scopes the client has not registered, and more than `maxRequestedItems`.
 *
 * @returns each of them once
 * @throws OAuthError `invalid_scope`
 * @see RFC 6749 3.3, oauth2-flows.md 3.6
 */
export function allowedScope(
  requested: readonly string[],
  registration: Pick<ClientRegistration, 'scope'>,
  strategy: ScopeStrategy,
): readonly string[] {
  const items = distinct(requested);
  if (items.length > maxRequestedItems) {
    throw oauthError('invalid_scope', `More than ${maxRequestedItems} scopes are requested.`);
  }
  if (!coversScopes(strategy, splitScope(registration.scope), items)) {
    throw oauthError('invalid_scope', 'The client may not request one of the scopes.');
  }
  return items;
}

/** Each item once, in the order of their first appearance. */
export function distinct(items: readonly string[]): string[] {
  return [...new Set(items)];
}

/** The items of a space-separated list (RFC 6749 3.3); empty ones are dropped. */
export function splitScope(scope: string): string[] {
  return scope.split(' ').filter((item) => item !== '');
}

/** `*` matches one part that is not empty, as the last part of a pattern one or more. */
function wildcardMatches(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length > parts.length) return false;
  if (pattern.length < parts.length && pattern.at(-1) !== '*') return false;
  return parts.every((part, index) => {
    const expected = pattern[Math.min(index, pattern.length - 1)];
    return expected === part || (expected === '*' && part !== '');
  });
}
