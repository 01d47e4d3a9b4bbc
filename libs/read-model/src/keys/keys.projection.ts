import { type KeyEntry, type KeySecretEvent, type KeySetEvent, assertNever, canSign, idIn } from '#libs/domain';
import { type ReadModelDatabase, change } from '../engine/database.js';
import { goJson } from '#libs/oauth2';
import { type Projection } from '../engine/projection.js';

/** Keys of a set are listed by `position` descending, then `place`: the newest batch first, each in the order it was given in. */
export const keysProjection: Projection<KeySetEvent | KeySecretEvent> = {
  name: 'keys',
  version: 2,
  handles: [
    ...(['KeySetCreated', 'KeyRotated', 'KeyAdded', 'KeyReplaced', 'KeyDeleted', 'KeySetReplaced'] as const),
    ...(['KeySetDeleted', 'SecretSealed'] as const),
  ],
  schema: `
    CREATE TABLE key_sets_v2 (setName TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
    CREATE TABLE keys_v2 (
      setName TEXT NOT NULL, kid TEXT NOT NULL, position INTEGER NOT NULL, place INTEGER NOT NULL,
      publicJwk TEXT NOT NULL, secretId TEXT, signs INTEGER NOT NULL, PRIMARY KEY (setName, kid)) STRICT;
    CREATE INDEX keys_v2_by_secret ON keys_v2 (secretId) WHERE secretId IS NOT NULL;
    CREATE TABLE key_secrets_v2 (
      secretId TEXT PRIMARY KEY, sealedJwk TEXT NOT NULL, revision INTEGER NOT NULL, recordedAt TEXT NOT NULL) STRICT;`,
  dead: [],
  apply(db, { event, revision, position, metadata }) {
    if (event.type === 'SecretSealed') {
      const { secretId, sealedJwk } = event.data;
      const sql = 'INSERT OR REPLACE INTO key_secrets_v2 VALUES (?, ?, ?, ?)';
      change(db, sql, secretId, sealedJwk, revision, metadata.recordedAt);
      return;
    }
    change(db, 'INSERT OR REPLACE INTO key_sets_v2 VALUES (?, ?)', event.data.set, revision);
    applyToSet(db, event, position);
  },
  streamDeleted(db, stream) {
    const secretId = idIn(stream, 'secret');
    if (secretId !== undefined) change(db, 'DELETE FROM key_secrets_v2 WHERE secretId = ?', secretId);
  },
};

function applyToSet(db: ReadModelDatabase, event: KeySetEvent, position: number): void {
  const { set } = event.data;
  switch (event.type) {
    case 'KeySetCreated':
    case 'KeySetReplaced':
      change(db, 'DELETE FROM keys_v2 WHERE setName = ?', set);
      insertKeys(db, event.data, position);
      return;
    case 'KeyRotated':
      insertKeys(db, event.data, position);
      return;
    case 'KeyAdded':
    case 'KeyReplaced':
      insertKeys(db, { set, keys: [event.data.key] }, position);
      return;
    case 'KeyDeleted':
      change(db, 'DELETE FROM keys_v2 WHERE setName = ? AND kid = ?', set, event.data.kid);
      return;
    case 'KeySetDeleted':
      change(db, 'DELETE FROM keys_v2 WHERE setName = ?', set);
      return;
    default:
      assertNever(event);
  }
}

function insertKeys(
  db: ReadModelDatabase,
  { set, keys }: { set: string; keys: readonly KeyEntry[] },
  position: number,
): void {
  const sql = 'INSERT OR REPLACE INTO keys_v2 VALUES (?, ?, ?, ?, ?, ?, ?)';
  keys.forEach((key, place) => {
    const { kid, publicJwk, secretId } = key;
    change(db, sql, set, kid, position, place, goJson(publicJwk), secretId ?? null, canSign(key) ? 1 : 0);
  });
}
