import { type ClientEvent } from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';

type ClientCreated = Extract<ClientEvent, { type: 'ClientCreated' }>;

/** Which client an idempotency key made. Its row outlives the client: the key stays used. */
export const idempotencyKeysProjection: Projection<ClientCreated> = {
  name: 'idempotency-keys',
  version: 1,
  handles: ['ClientCreated'],
  schema: 'CREATE TABLE idempotency_keys_v1 (keyHash TEXT PRIMARY KEY, clientId TEXT NOT NULL) STRICT;',
  dead: [],
  apply(db, { event, metadata: { idempotency } }) {
    if (idempotency === undefined) return;
    change(db, 'INSERT OR IGNORE INTO idempotency_keys_v1 VALUES (?, ?)', idempotency.keyHash, event.data.clientId);
  },
};

/** The client that was created with an idempotency key, also when it is gone. */
export function findClientByIdempotencyKey(db: ReadModelDatabase, keyHash: string): string | undefined {
  const sql = 'SELECT clientId FROM idempotency_keys_v1 WHERE keyHash = ?';
  return findRow<{ clientId: string }>(db, sql, keyHash)?.clientId;
}
