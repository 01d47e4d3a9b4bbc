import { type AdminTokenEvent, type Timestamp, assertNever } from '#libs/domain';
import { type ReadModelDatabase, change, findRows } from '../engine/database.js';
import { perDatabase } from '../engine/per-database.js';
import { type Projection } from '../engine/projection.js';

/** A token for the Admin API that was not revoked; whoever takes one looks at its expiry. */
export type AdminTokenView = {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
};

/** By hash, read when first asked for after a change: every request to the Admin API asks. */
type TokensByHash = { known: ReadonlyMap<string, AdminTokenView> | undefined };
const tokensByHash = perDatabase((): TokensByHash => ({ known: undefined }));

/** One row for each name that has a token. */
export const adminTokensProjection: Projection<AdminTokenEvent> = {
  name: 'adminTokens',
  version: 1,
  handles: ['AdminTokenCreated', 'AdminTokenRevoked'],
  schema: `
    CREATE TABLE admin_tokens_v1 (
      name TEXT PRIMARY KEY, tokenHash TEXT NOT NULL, scopes TEXT NOT NULL, createdAt TEXT NOT NULL,
      expiresAt TEXT NOT NULL, expiresAtMs INTEGER NOT NULL) STRICT;`,
  dead: [{ table: 'admin_tokens_v1', where: 't.expiresAtMs <= $now' }],
  apply(db, { event }) {
    tokensByHash(db).known = undefined;
    switch (event.type) {
      case 'AdminTokenCreated': {
        const { name, tokenHash, scopes, createdAt, expiresAt } = event.data;
        const sql = 'INSERT OR REPLACE INTO admin_tokens_v1 VALUES (?, ?, ?, ?, ?, ?)';
        change(db, sql, name, tokenHash, scopes.join(' '), createdAt, expiresAt, Date.parse(expiresAt));
        return;
      }
      case 'AdminTokenRevoked':
        change(db, 'DELETE FROM admin_tokens_v1 WHERE name = ?', event.data.name);
        return;
      default:
        assertNever(event);
    }
  },
};

/** The live token of a hash. Looking one up is no query, and takes as long for one that is there as for one that is not. */
export function findAdminToken(db: ReadModelDatabase, tokenHash: string, now: Date): AdminTokenView | undefined {
  const tokens = tokensByHash(db);
  tokens.known ??= new Map(rows(db).map(({ tokenHash: hash, ...token }) => [hash, token]));
  const token = tokens.known.get(tokenHash);
  return token !== undefined && isAlive(token, now) ? token : undefined;
}

/** Every live token, by name. */
export function listAdminTokens(db: ReadModelDatabase, now: Date): AdminTokenView[] {
  return rows(db)
    .map(({ tokenHash: _hash, ...token }) => token)
    .filter((token) => isAlive(token, now));
}

function isAlive({ expiresAt }: AdminTokenView, now: Date): boolean {
  return now.toISOString() < expiresAt;
}

function rows(db: ReadModelDatabase): (AdminTokenView & { tokenHash: string })[] {
  type Row = Omit<AdminTokenView, 'scopes'> & { tokenHash: string; scopes: string };
  const found = findRows<Row>(db, 'SELECT * FROM admin_tokens_v1 ORDER BY name');
  return found.map(({ name, tokenHash, scopes, createdAt, expiresAt }) => {
    return { name, tokenHash, scopes: scopes.split(' '), createdAt, expiresAt };
  });
}
