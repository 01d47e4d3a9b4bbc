import { type SessionEvent, type Timestamp, assertNever } from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import { loginSessionAlive } from '../liveness.js';

export type LoginSessionView = {
  readonly sessionId: string;
  readonly subject: string;
  readonly subjectHash: string;
  readonly authenticatedAt: Timestamp;
};

/** An ended session's row goes at once; ids never come twice. */
export const sessionsProjection: Projection<SessionEvent> = {
  name: 'sessions',
  version: 1,
  handles: ['SessionStarted', 'SessionEnded'],
  schema: `CREATE TABLE login_sessions_v1 (
    sessionId TEXT PRIMARY KEY, subject TEXT NOT NULL, subjectHash TEXT NOT NULL, authenticatedAt TEXT NOT NULL,
    position INTEGER NOT NULL) STRICT;`,
  dead: [{ table: 'login_sessions_v1', where: `NOT (${loginSessionAlive('t')})` }],
  apply(db, { event, position, erased }) {
    switch (event.type) {
      case 'SessionStarted': {
        if (erased) return;
        const { sessionId, subject, subjectHash, authenticatedAt } = event.data;
        const sql = 'INSERT OR REPLACE INTO login_sessions_v1 VALUES (?, ?, ?, ?, ?)';
        change(db, sql, sessionId, subject, subjectHash, authenticatedAt, position);
        return;
      }
      case 'SessionEnded':
        change(db, 'DELETE FROM login_sessions_v1 WHERE sessionId = ?', event.data.sessionId);
        return;
      default:
        assertNever(event);
    }
  },
};

/** A remembered login that neither ended nor was revoked. */
export function findLoginSession(db: ReadModelDatabase, sessionId: string): LoginSessionView | undefined {
  const sql = `SELECT s.sessionId, s.subject, s.subjectHash, s.authenticatedAt FROM login_sessions_v1 s
    WHERE s.sessionId = ? AND ${loginSessionAlive('s')}`;
  return findRow(db, sql, sessionId);
}
