import { type Json, type JsonObject, type Timestamp } from '#libs/domain';
import { type ScopeStrategy, coversScopes, splitScope } from './scope-strategy.js';
import { toSeconds } from './seconds.js';

export type TokenKind = 'access_token' | 'refresh_token';

/** A token that was found alive. */
export type ActiveToken = {
  readonly kind: TokenKind;
  readonly scope: readonly string[];
  readonly clientId: string;
  /** The real subject, never the pairwise one; the client id for a client's own token. */
  readonly subject: string;
  /** `sub` of the ID token, where it differs. */
  readonly obfuscatedSubject?: string | undefined;
  /** `null`: never. */
  readonly expiresAt: Date | Timestamp | null;
  readonly issuedAt: Date | Timestamp;
  readonly audience: readonly string[];
  readonly ext?: JsonObject | undefined;
};

/**
 * The answer for an active token, members in the order of the wire, empty ones left out.
 *
 * @param issuer with its one trailing slash
 * @see RFC 7662 2.2, admin-api.md 3.14
 */
export function activeIntrospection(token: ActiveToken, issuer: string): JsonObject {
  const { scope, clientId, subject, obfuscatedSubject, expiresAt, issuedAt, audience, ext } = token;
  const answer: Record<string, Json> = { active: true };
  if (scope.length > 0) answer['scope'] = scope.join(' ');
  answer['client_id'] = clientId;
  if (subject !== '') answer['sub'] = subject;
  if (obfuscatedSubject !== undefined && obfuscatedSubject !== '' && obfuscatedSubject !== subject) {
    answer['obfuscated_subject'] = obfuscatedSubject;
  }
  if (expiresAt !== null) answer['exp'] = toSeconds(expiresAt);
  answer['iat'] = toSeconds(issuedAt);
  if (audience.length > 0) answer['aud'] = audience;
  answer['iss'] = issuer;
  answer['token_type'] = token.kind;
  if (ext !== undefined && Object.keys(ext).length > 0) answer['ext'] = ext;
  return answer;
}

/**
 * Whether a token was granted every scope the caller requires.
 *
 * @param requiredScope the `scope` parameter, space-separated; none required is always granted
 * @see admin-api.md 2.23
 */
export function requiredScopesGranted(
  strategy: ScopeStrategy,
  granted: readonly string[],
  requiredScope: string | undefined,
): boolean {
  return coversScopes(strategy, granted, splitScope(requiredScope ?? ''));
}
