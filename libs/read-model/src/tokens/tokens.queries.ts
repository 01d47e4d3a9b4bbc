import { type JsonObject, type Timestamp } from '#libs/domain';
import { type ActiveToken } from '#libs/oauth2';
import { type ReadModelDatabase, findRow } from '../engine/database.js';
import { accessTokenAlive, authorizationCodeAlive, foundationAlive, refreshTokenAlive } from '../liveness.js';
import { type Introspection, type TokenKind } from './introspection.js';
import { recentTokens } from './recent-tokens.js';

type TokenRow = Introspection & {
  readonly grantId: string;
  readonly clientId: string;
  readonly consentChallenge: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number | null;
  readonly idTokenClaims: string | null;
};

type IntrospectionMembers = {
  scope?: string;
  sub?: string;
  obfuscated_subject?: string;
  aud?: readonly string[];
  ext?: JsonObject;
};

/** A live token. Everything but the row's own columns is read out of the stored texts when first asked for. */
export class TokenView {
  private parsed: IntrospectionMembers | undefined;

  constructor(
    private readonly row: TokenRow,
    readonly kind: TokenKind,
  ) {}

  get grantId(): string {
    return this.row.grantId;
  }

  get clientId(): string {
    return this.row.clientId;
  }

  /** The consent the token rests on; `null` for a client's own. */
  get consentChallenge(): string | null {
    return this.row.consentChallenge;
  }

  /** The answer to introspection: `beforeIssuer`, the issuer as JSON text, `afterIssuer`. */
  get introspection(): Introspection {
    return this.row;
  }

  get issuedAt(): Timestamp {
    return new Date(this.row.issuedAt).toISOString();
  }

  /** `null`: never. */
  get expiresAt(): Timestamp | null {
    return this.row.expiresAt === null ? null : new Date(this.row.expiresAt).toISOString();
  }

  isExpired(now: Date): boolean {
    return this.row.expiresAt !== null && this.row.expiresAt <= now.getTime();
  }

  get scope(): readonly string[] {
    return this.scopeText === '' ? [] : this.scopeText.split(' ');
  }

  /** The granted scope, space-separated. */
  get scopeText(): string {
    return this.members.scope ?? '';
  }

  get audience(): readonly string[] {
    return this.members.aud ?? [];
  }

  /** Undefined for a client's own token. */
  get subject(): string | undefined {
    return this.row.consentChallenge === null ? undefined : this.members.sub;
  }

  get obfuscatedSubject(): string | undefined {
    return this.members.obfuscated_subject;
  }

  get ext(): JsonObject {
    return this.members.ext ?? {};
  }

  get idTokenClaims(): JsonObject {
    return JSON.parse(this.row.idTokenClaims ?? '{}') as JsonObject;
  }

  /** What introspection answers about it. */
  get active(): ActiveToken {
    const { kind, scope, clientId, consentChallenge, obfuscatedSubject, expiresAt, issuedAt, audience, ext } = this;
    const subject = consentChallenge === null ? clientId : (this.subject ?? '');
    return { kind, scope, clientId, subject, obfuscatedSubject, expiresAt, issuedAt, audience, ext };
  }

  private get members(): IntrospectionMembers {
    const text = (): string => `${this.row.beforeIssuer}""${this.row.afterIssuer}`;
    return (this.parsed ??= JSON.parse(text()) as IntrospectionMembers);
  }
}

const TOKEN_COLUMNS =
  't.grantId, t.clientId, t.consentChallenge, t.issuedAt, t.expiresAt, t.beforeIssuer, t.afterIssuer, t.idTokenClaims';
const FIND_ACCESS_TOKEN = `SELECT ${TOKEN_COLUMNS} FROM access_tokens_v1 t
  WHERE t.hash = ?1 AND ${accessTokenAlive('t', '?2')}`;
const FIND_REFRESH_TOKEN = `SELECT ${TOKEN_COLUMNS} FROM refresh_tokens_v1 t
  WHERE t.hash = ?1 AND ${refreshTokenAlive('t', '?2')}`;

/** The access token with this hash, if it is valid now. */
export function findAccessToken(db: ReadModelDatabase, hash: string, now: Date): TokenView | undefined {
  const recent = recentTokens<TokenView>(db);
  const known = recent.get(hash);
  if (known !== undefined) return known.isExpired(now) ? undefined : known;
  const row = findRow<TokenRow>(db, FIND_ACCESS_TOKEN, hash, now.getTime());
  if (row === undefined) return undefined;
  const found = new TokenView(row, 'access_token');
  recent.set(hash, found);
  return found;
}

/** The refresh token with this hash, if it is valid now and was not used. */
export function findRefreshToken(db: ReadModelDatabase, hash: string, now: Date): TokenView | undefined {
  const row = findRow<TokenRow>(db, FIND_REFRESH_TOKEN, hash, now.getTime());
  return row === undefined ? undefined : new TokenView(row, 'refresh_token');
}

/** What a refresh token, also a used or revoked one, leads to. `alive`: its consent and client are. */
export function findAnyRefreshToken(
  db: ReadModelDatabase,
  hash: string,
):
  | { grantId: string; clientId: string; alive: boolean; scope: readonly string[]; audience: readonly string[] }
  | undefined {
  const sql = `SELECT ${TOKEN_COLUMNS}, ${foundationAlive('t')} AS alive FROM refresh_tokens_v1 t WHERE t.hash = ?`;
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
  const sql = `SELECT grantId, clientId, 'access_token' AS kind FROM access_tokens_v1 WHERE hash = ?1
    UNION ALL SELECT grantId, clientId, 'refresh_token' FROM refresh_tokens_v1 WHERE hash = ?1 LIMIT 1`;
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
    ${authorizationCodeAlive('t')} AS alive FROM authorization_codes_v1 t WHERE t.codeHash = ?`;
  type Row = Omit<AuthorizationCodeView, 'scope' | 'alive' | 'redeemed'>;
  const row = findRow<Row & { scope: string; alive: number; redeemed: number }>(db, sql, codeHash);
  if (row === undefined) return undefined;
  const scope = JSON.parse(row.scope) as string[];
  return { ...row, scope, alive: row.alive === 1, redeemed: row.redeemed === 1 };
}
