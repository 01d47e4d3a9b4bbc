import { type TokenKind } from '#libs/oauth2';
import { type ReadModelDatabase, findRow } from '../engine/database.js';
import { accessTokenAlive, authorizationCodeAlive, foundationAlive, refreshTokenAlive } from '../liveness.js';
import { recentTokens } from './recent-tokens.js';
import { type TokenRow, TokenView } from './token-view.js';

const tokenColumns = `t.grantId, t.clientId, t.consentChallenge, t.issuedAt, t.expiresAt, t.scope, t.audience, t.subject,
  t.obfuscatedSubject, t.ext, t.idTokenClaims`;
const accessTokenByHash = `SELECT ${tokenColumns} FROM access_tokens_v3 t
  WHERE t.hash = ?1 AND ${accessTokenAlive('t', '?2')}`;
const refreshTokenByHash = `SELECT ${tokenColumns} FROM refresh_tokens_v3 t
  WHERE t.hash = ?1 AND ${refreshTokenAlive('t', '?2')}`;

/** The access token with this hash, if it is valid now. */
export function findAccessToken(db: ReadModelDatabase, hash: string, now: Date): TokenView | undefined {
  const recent = recentTokens(db);
  const known = recent.get(hash);
  if (known !== undefined) return known.isExpired(now) ? undefined : known;
  const row = findRow<TokenRow>(db, accessTokenByHash, hash, now.getTime());
  if (row === undefined) return undefined;
  const found = new TokenView(row, 'access_token');
  recent.set(hash, found);
  return found;
}

/** The refresh token with this hash, if it is valid now and was not used. */
export function findRefreshToken(db: ReadModelDatabase, hash: string, now: Date): TokenView | undefined {
  const row = findRow<TokenRow>(db, refreshTokenByHash, hash, now.getTime());
  return row === undefined ? undefined : new TokenView(row, 'refresh_token');
}

/** What a refresh token, also a used or revoked one, leads to. `alive`: its consent and client are. */
export function findAnyRefreshToken(
  db: ReadModelDatabase,
  hash: string,
):
  | { grantId: string; clientId: string; alive: boolean; scope: readonly string[]; audience: readonly string[] }
  | undefined {
  const sql = `SELECT ${tokenColumns}, ${foundationAlive('t')} AS alive FROM refresh_tokens_v3 t WHERE t.hash = ?`;
  const row = findRow<TokenRow & { alive: number }>(db, sql, hash);
  if (row === undefined) return undefined;
  const { grantId, clientId, scope, audience } = new TokenView(row, 'refresh_token');
  return { grantId, clientId, alive: row.alive === 1, scope, audience };
}

/** Which grant and client a token belongs to, dead or alive, as long as its row is there: for its revocation. */
export function findTokenOwner(
  db: ReadModelDatabase,
  hash: string,
): { grantId: string; clientId: string; kind: TokenKind } | undefined {
  const sql = `SELECT grantId, clientId, 'access_token' AS kind FROM access_tokens_v3 WHERE hash = ?1
    UNION ALL SELECT grantId, clientId, 'refresh_token' FROM refresh_tokens_v3 WHERE hash = ?1 LIMIT 1`;
  return findRow(db, sql, hash);
}

export type AuthorizationCodeView = {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientIncarnation: number;
  readonly consentChallenge: string | null;
  readonly scope: readonly string[];
  /** Its client and consent are, and its grant was not revoked. Expiry and single use are decided on the grant's stream. */
  readonly alive: boolean;
  readonly redeemed: boolean;
};

/** What an authorization code leads to; undefined when unknown, or spent by a wrong `code_verifier`. */
export function findAuthorizationCode(db: ReadModelDatabase, codeHash: string): AuthorizationCodeView | undefined {
  const sql = `SELECT t.grantId, t.clientId, t.clientIncarnation, t.consentChallenge, t.scope, t.redeemed,
    ${authorizationCodeAlive('t')} AS alive FROM authorization_codes_v3 t WHERE t.codeHash = ?`;
  type Row = Omit<AuthorizationCodeView, 'scope' | 'alive' | 'redeemed'>;
  const row = findRow<Row & { scope: string; alive: number; redeemed: number }>(db, sql, codeHash);
  if (row === undefined) return undefined;
  const scope = JSON.parse(row.scope) as string[];
  return { ...row, scope, alive: row.alive === 1, redeemed: row.redeemed === 1 };
}
