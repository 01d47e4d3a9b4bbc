import {
  type GrantEvent,
  type MintedTokens,
  type RetentionEvent,
  type Timestamp,
  type TokenClaims,
  assertNever,
  idIn,
} from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import {
  accessTokenAlive,
  authorizationCodeKept,
  flushedUpTo,
  namedConsentAlive,
  refreshTokenKept,
} from '../liveness.js';
import { tokensMayHaveEnded } from './recent-tokens.js';

type TokensFlushed = Extract<RetentionEvent, { type: 'TokensFlushed' }>;

/**
 * Rows of tokens lie in log order (`position` is the row id), so that issuing appends. Grants: only what happened to them after
 * issuing has rows. Times are milliseconds since 1970.
 */
export const tokensProjection: Projection<GrantEvent | TokensFlushed> = {
  name: 'tokens',
  version: 3,
  handles: [
    ...(['AuthorizationCodeIssued', 'AuthorizationCodeRedeemed', 'AuthorizationCodeReplayed'] as const),
    ...(['AuthorizationCodeInvalidated', 'TokensIssued', 'TokensRefreshed', 'RefreshTokenReused'] as const),
    ...(['TokensRevoked', 'TokensFlushed'] as const),
  ],
  schema: `
    CREATE TABLE authorization_codes_v3 (
      grantId TEXT PRIMARY KEY, codeHash TEXT NOT NULL, clientId TEXT NOT NULL, clientIncarnation INTEGER NOT NULL,
      consentChallenge TEXT, scope TEXT NOT NULL, expiresAt INTEGER NOT NULL, redeemed INTEGER NOT NULL) STRICT;
    CREATE TABLE access_tokens_v3 (
      position INTEGER PRIMARY KEY, hash TEXT NOT NULL, grantId TEXT NOT NULL, clientId TEXT NOT NULL,
      clientIncarnation INTEGER NOT NULL, consentChallenge TEXT, issuedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL,
      scope TEXT, audience TEXT, subject TEXT, obfuscatedSubject TEXT, ext TEXT, idTokenClaims TEXT) STRICT;
    CREATE TABLE refresh_tokens_v3 (
      position INTEGER PRIMARY KEY, hash TEXT NOT NULL, grantId TEXT NOT NULL, clientId TEXT NOT NULL,
      clientIncarnation INTEGER NOT NULL, consentChallenge TEXT, issuedAt INTEGER NOT NULL, expiresAt INTEGER,
      scope TEXT, audience TEXT, subject TEXT, obfuscatedSubject TEXT, ext TEXT, idTokenClaims TEXT, rotated INTEGER NOT NULL) STRICT;
    CREATE INDEX refresh_tokens_v3_by_hash ON refresh_tokens_v3 (hash);
    CREATE TABLE grant_refreshes_v3 (grantId TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
    CREATE TABLE grant_revocations_v3 (grantId TEXT PRIMARY KEY, revokedAt INTEGER NOT NULL) STRICT;
    CREATE TABLE flushed_v3 (id INTEGER PRIMARY KEY CHECK (id = 1), cutOff INTEGER NOT NULL) STRICT;`,
  queryIndexes: `
    CREATE INDEX authorization_codes_v3_by_hash ON authorization_codes_v3 (codeHash);
    CREATE INDEX access_tokens_v3_by_hash ON access_tokens_v3 (hash);
    CREATE INDEX access_tokens_v3_of_flows ON access_tokens_v3 (grantId) WHERE consentChallenge IS NOT NULL;
    CREATE INDEX refresh_tokens_v3_by_grant ON refresh_tokens_v3 (grantId);`,
  dead: [
    { table: 'authorization_codes_v3', where: `NOT ${authorizationCodeKept('t', '$now')}` },
    { table: 'access_tokens_v3', where: `NOT ${accessTokenAlive('t', '$now')}` },
    { table: 'refresh_tokens_v3', where: `NOT ${refreshTokenKept('t', '$now')}` },
    // A flow's grant has the id of its consent; the tokens of a grant without one were all issued before it was revoked.
    { table: 'grant_refreshes_v3', where: `NOT ${namedConsentAlive('t.grantId')}` },
    {
      table: 'grant_revocations_v3',
      where: `t.revokedAt < ${flushedUpTo} AND NOT ${namedConsentAlive('t.grantId')}`,
    },
  ],
  apply(db, { event, position, erased }) {
    switch (event.type) {
      case 'AuthorizationCodeIssued':
        if (!erased) insertCode(db, event.data);
        return;
      case 'AuthorizationCodeRedeemed':
        change(db, 'UPDATE authorization_codes_v3 SET redeemed = 1 WHERE grantId = ?', event.data.grantId);
        return;
      case 'AuthorizationCodeReplayed':
        revoke(db, event.data.grantId, event.data.replayedAt);
        return;
      case 'AuthorizationCodeInvalidated':
        change(db, 'DELETE FROM authorization_codes_v3 WHERE grantId = ?', event.data.grantId);
        return;
      case 'TokensIssued':
        if (!erased) insertTokens(db, event.data, { issuedAt: event.data.issuedAt, position });
        return;
      case 'TokensRefreshed': {
        const { previousRefreshTokenHash, withinGrace, refreshedAt, ...minted } = event.data;
        change(db, 'UPDATE refresh_tokens_v3 SET rotated = 1 WHERE hash = ?', previousRefreshTokenHash);
        if (!withinGrace)
          change(db, 'INSERT OR REPLACE INTO grant_refreshes_v3 VALUES (?, ?)', minted.grantId, position);
        if (!erased) insertTokens(db, minted, { issuedAt: refreshedAt, position });
        return;
      }
      case 'RefreshTokenReused':
        revoke(db, event.data.grantId, event.data.reusedAt);
        return;
      case 'TokensRevoked':
        revoke(db, event.data.grantId, event.data.revokedAt);
        return;
      case 'TokensFlushed': {
        const sql =
          'INSERT INTO flushed_v3 VALUES (1, ?) ON CONFLICT DO UPDATE SET cutOff = max(cutOff, excluded.cutOff)';
        change(db, sql, Date.parse(event.data.cutOff));
        return;
      }
      default:
        assertNever(event);
    }
  },
  streamDeleted(db, stream) {
    const grantId = idIn(stream, 'grant');
    if (grantId !== undefined) removeGrant(db, grantId);
    else if (idIn(stream, 'machine') !== undefined) removeMachineTokens(db, stream);
  },
};

function removeGrant(db: ReadModelDatabase, grantId: string): void {
  const tokens =
    change(db, 'DELETE FROM access_tokens_v3 WHERE grantId = ? AND consentChallenge IS NOT NULL', grantId) +
    change(db, 'DELETE FROM refresh_tokens_v3 WHERE grantId = ?', grantId);
  change(db, 'DELETE FROM authorization_codes_v3 WHERE grantId = ?', grantId);
  change(db, 'DELETE FROM grant_refreshes_v3 WHERE grantId = ?', grantId);
  change(db, 'DELETE FROM grant_revocations_v3 WHERE grantId = ?', grantId);
  if (tokens > 0) tokensMayHaveEnded(db);
}

/** Its tokens are those of clients alone between its first and its last event; others of that time that are over go with them. */
function removeMachineTokens(db: ReadModelDatabase, stream: string): void {
  const noted = 'SELECT firstPosition, position, endsAt FROM operational_streams_v1 WHERE stream = ?';
  const row = findRow<{ firstPosition: number; position: number; endsAt: number }>(db, noted, stream);
  if (row === undefined) return;
  const sql = `DELETE FROM access_tokens_v3
    WHERE position BETWEEN ? AND ? AND consentChallenge IS NULL AND expiresAt <= ?`;
  if (change(db, sql, row.firstPosition, row.position, row.endsAt) > 0) tokensMayHaveEnded(db);
}

function insertCode(
  db: ReadModelDatabase,
  data: Extract<GrantEvent, { type: 'AuthorizationCodeIssued' }>['data'],
): void {
  const { grantId, codeHash, clientId, clientIncarnation, consentChallenge, scope, expiresAt } = data;
  const sql = 'INSERT OR REPLACE INTO authorization_codes_v3 VALUES (?, ?, ?, ?, ?, ?, ?, 0)';
  const expiry = Date.parse(expiresAt);
  change(db, sql, grantId, codeHash, clientId, clientIncarnation, consentChallenge, JSON.stringify(scope), expiry);
}

/** What was minted, with what it says: the common part of `TokensIssued` and `TokensRefreshed`. */
type Minted = TokenClaims & MintedTokens;

function insertTokens(
  db: ReadModelDatabase,
  minted: Minted,
  { issuedAt, position }: { issuedAt: Timestamp; position: number },
): void {
  const { grantId, clientId, clientIncarnation, consentChallenge, accessTokenExpiresAt } = minted;
  const { refreshTokenHash, refreshTokenExpiresAt } = minted;
  const owner = [grantId, clientId, clientIncarnation, consentChallenge, Date.parse(issuedAt)];
  const said = whatTokensSay(minted);
  const accessSql = 'INSERT OR REPLACE INTO access_tokens_v3 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
  change(db, accessSql, position, minted.accessTokenHash, ...owner, Date.parse(accessTokenExpiresAt), ...said);
  if (refreshTokenHash === null) return;
  const expiry = refreshTokenExpiresAt === null ? null : Date.parse(refreshTokenExpiresAt);
  const refreshSql = 'INSERT OR REPLACE INTO refresh_tokens_v3 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)';
  change(db, refreshSql, position, refreshTokenHash, ...owner, expiry, ...said);
}

/** The columns from `scope` to `idTokenClaims`; what is empty is `null`. */
function whatTokensSay({
  scope,
  audience,
  subject,
  obfuscatedSubject,
  ext,
  idTokenClaims,
}: TokenClaims): (string | null)[] {
  return [
    scope.length === 0 ? null : scope.join(' '),
    audience.length === 0 ? null : JSON.stringify(audience),
    subject || null,
    obfuscatedSubject || null,
    ext === undefined || Object.keys(ext).length === 0 ? null : JSON.stringify(ext),
    idTokenClaims === undefined ? null : JSON.stringify(idTokenClaims),
  ];
}

/** The newest revocation is kept: whichever of two came first may have been cleaned up before the second. */
function revoke(db: ReadModelDatabase, grantId: string, at: Timestamp): void {
  change(db, 'INSERT OR REPLACE INTO grant_revocations_v3 VALUES (?, ?)', grantId, Date.parse(at));
}
