import { type SubjectEvent, assertNever } from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import { forcedIdentifierAlive } from '../liveness.js';

type HandledEvent = Exclude<SubjectEvent, { type: 'SubjectKeyCreated' }>;

/**
 * Revocations are kept as the position of the newest: what was decided or started before it is dead. `clientId` '': every client.
 * `revokedAt` in milliseconds since 1970, for the retention of what they ended.
 */
export const subjectsProjection: Projection<HandledEvent> = {
  name: 'subjects',
  version: 2,
  handles: ['ConsentRevoked', 'SessionRevoked', 'SubjectIdentifierForced'],
  schema: `
    CREATE TABLE consent_revocations_v2 (
      subjectHash TEXT NOT NULL, clientId TEXT NOT NULL, position INTEGER NOT NULL, revokedAt INTEGER NOT NULL,
      PRIMARY KEY (subjectHash, clientId)) STRICT;
    CREATE TABLE session_revocations_v2 (subjectHash TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
    CREATE TABLE forced_identifiers_v2 (
      subjectHash TEXT NOT NULL, clientId TEXT NOT NULL, clientIncarnation INTEGER NOT NULL, identifier TEXT NOT NULL,
      PRIMARY KEY (subjectHash, clientId, clientIncarnation)) STRICT;`,
  dead: [{ table: 'forced_identifiers_v2', where: `NOT ${forcedIdentifierAlive('t')}` }],
  apply(db, { event, position, erased }) {
    const { subjectHash } = event.data;
    switch (event.type) {
      case 'ConsentRevoked': {
        const sql = 'INSERT OR REPLACE INTO consent_revocations_v2 VALUES (?, ?, ?, ?)';
        change(db, sql, subjectHash, event.data.clientId ?? '', position, Date.parse(event.data.revokedAt));
        return;
      }
      case 'SessionRevoked':
        change(db, 'INSERT OR REPLACE INTO session_revocations_v2 VALUES (?, ?)', subjectHash, position);
        return;
      case 'SubjectIdentifierForced': {
        if (erased) return;
        const { clientId, clientIncarnation, identifier } = event.data;
        const sql = 'INSERT OR REPLACE INTO forced_identifiers_v2 VALUES (?, ?, ?, ?)';
        change(db, sql, subjectHash, clientId, clientIncarnation, identifier);
        return;
      }
      default:
        assertNever(event);
    }
  },
};

/** The identifier last forced for a subject at a client (admin-api.md 2.14); undefined when none, or when that client is gone. */
export function findForcedIdentifier(
  db: ReadModelDatabase,
  { subjectHash, clientId, clientIncarnation }: { subjectHash: string; clientId: string; clientIncarnation: number },
): string | undefined {
  const sql = `SELECT t.identifier FROM forced_identifiers_v2 t
    WHERE t.subjectHash = ? AND t.clientId = ? AND t.clientIncarnation = ? AND ${forcedIdentifierAlive('t')}`;
  return findRow<{ identifier: string }>(db, sql, subjectHash, clientId, clientIncarnation)?.identifier;
}

/** Whether consents of a subject to a client were ever revoked. */
export function isConsentRevoked(
  db: ReadModelDatabase,
  { subjectHash, clientId }: { readonly subjectHash: string; readonly clientId: string },
): boolean {
  const sql = `SELECT 1 FROM consent_revocations_v2 WHERE subjectHash = ? AND clientId IN ('', ?) LIMIT 1`;
  return findRow(db, sql, subjectHash, clientId) !== undefined;
}
