import { type Timestamp } from '#libs/domain';
import { type ReadModelDatabase, findRow, findRows } from '../engine/database.js';
import { goJson } from '#libs/oauth2';

export type KeyView = {
  readonly kid: string;
  /** The JWK without private members, as the Admin API answers it. */
  readonly publicJwk: string;
  /** `null` for a public key. */
  readonly secretId: string | null;
  /** The whole JWK, sealed; `null` for a public key, and when the secret is gone. */
  readonly sealedJwk: string | null;
};

const selectKeys = `SELECT k.kid, k.publicJwk, k.secretId, s.sealedJwk
  FROM keys_v2 k LEFT JOIN key_secrets_v2 s ON s.secretId = k.secretId WHERE k.setName = ?`;
const newestFirst = 'ORDER BY k.position DESC, k.place';

/** A key set, the newest batch of keys first; undefined when it has no keys. */
export function findKeySet(db: ReadModelDatabase, set: string): { revision: number; keys: KeyView[] } | undefined {
  const keys = findRows<KeyView>(db, `${selectKeys} ${newestFirst}`, set);
  const row = findRow<{ revision: number }>(db, 'SELECT revision FROM key_sets_v2 WHERE setName = ?', set);
  return keys.length === 0 || row === undefined ? undefined : { revision: row.revision, keys };
}

/** One key of a set. */
export function findKey(db: ReadModelDatabase, set: string, kid: string): KeyView | undefined {
  return findRow(db, `${selectKeys} AND k.kid = ?`, set, kid);
}

/** The key a set signs with: its newest private RSA key, whatever its kid's prefix. */
export function signingKey(db: ReadModelDatabase, set: string): KeyView | undefined {
  return findRow(db, `${selectKeys} AND k.signs = 1 ${newestFirst} LIMIT 1`, set);
}

/** The kid that tokens signed with a key name: that of its public half. */
export function publicKid(kid: string): string {
  return kid.startsWith('private:') ? `public:${kid.slice('private:'.length)}` : kid;
}

/**
 * The public JWKs that jwks.json shows of the given sets: public keys with the prefix `public:`, and the public half of every key
 * that can sign where the set does not have it as a key of its own. None comes twice.
 */
export function publishedKeys(db: ReadModelDatabase, sets: readonly string[]): string[] {
  type Row = { kid: string; publicJwk: string; secretId: string | null };
  const sql = `SELECT k.kid, k.publicJwk, k.secretId FROM keys_v2 k WHERE k.setName = ?
    AND ((k.secretId IS NULL AND substr(k.kid, 1, 7) = 'public:') OR k.signs = 1) ${newestFirst}`;
  const jwks = sets.flatMap((set) => {
    const rows = findRows<Row>(db, sql, set);
    const published = new Set(rows.flatMap(({ kid, secretId }) => (secretId === null ? [kid] : [])));
    return rows.flatMap(({ kid, publicJwk, secretId }) => {
      if (secretId === null || publicKid(kid) === kid) return [publicJwk];
      return published.has(publicKid(kid))
        ? []
        : [goJson({ ...(JSON.parse(publicJwk) as object), kid: publicKid(kid) })];
    });
  });
  return [...new Set(jwks)];
}

/** Sealed secrets that no key names, recorded before `olderThan`: their key never came, or went. `revision` is their stream's. */
export function orphanSecrets(
  db: ReadModelDatabase,
  { olderThan, limit }: { olderThan: Timestamp; limit: number },
): { secretId: string; revision: number }[] {
  const sql = `SELECT s.secretId, s.revision FROM key_secrets_v2 s WHERE s.recordedAt < ?
    AND NOT EXISTS (SELECT 1 FROM keys_v2 k WHERE k.secretId = s.secretId) ORDER BY s.recordedAt, s.secretId LIMIT ?`;
  return findRows(db, sql, olderThan, limit);
}
