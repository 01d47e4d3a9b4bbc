import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';

/** Whether one requested scope is covered by a list of allowed or granted ones. */
export type ScopeStrategy = (granted: readonly string[], requested: string) => boolean;

/**
 * The strategy of a configured name: `exact`, `DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY`, wildcard for any other.
 *
 * @see oauth2-flows.md 3.6
 */
export function scopeStrategy(name: string): ScopeStrategy {
  if (name === 'exact') return (granted, requested) => granted.includes(requested);
  if (name === 'DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY') {
    return (granted, requested) => granted.some((scope) => scope === requested || requested.startsWith(`${scope}.`));
  }
  return (granted, requested) => {
    const parts = requested.split('.');
    return granted.some((pattern) => wildcardMatches(pattern.split('.'), parts));
  };
}

/** Whether every requested scope is covered by the granted ones; none requested is always covered (oauth2-flows.md 2.6). */
export function coversScopes(
  strategy: ScopeStrategy,
  granted: readonly string[],
  requested: readonly string[],
): boolean {
  return requested.every((scope) => strategy(granted, scope));
}

/**
 * Refuses scopes the client has not registered.
 *
 * @throws OAuthError `invalid_scope`
 * @see RFC 6749 3.3, oauth2-flows.md 3.6
 */
export function allowedScope(
  requested: readonly string[],
  registration: Pick<ClientRegistration, 'scope'>,
  strategy: ScopeStrategy,
): readonly string[] {
  const registered = splitScope(registration.scope);
  if (!requested.every((scope) => strategy(registered, scope))) {
    throw oauthError('invalid_scope', 'The client may not request one of the scopes.');
  }
  return requested;
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
