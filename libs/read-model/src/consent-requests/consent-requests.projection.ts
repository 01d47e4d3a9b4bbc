import { type ConsentEvent, type ConsentSession, type Json, type Timestamp, assertNever, idIn } from '#libs/domain';
import { type ReadModelDatabase, change } from '../engine/database.js';
import { type RequestDetails } from '../login-requests/login-requests.projection.js';
import { type Projection } from '../engine/projection.js';
import { consentRequestAlive, restsOnDeadConsent } from '../liveness.js';

/** What a consent request shows beyond its columns; stored as one JSON text. */
export type ConsentDetails = RequestDetails & {
  readonly acr: string;
  /** Empty when the login app named none. */
  readonly amr: readonly string[];
  /** What the login app handed on; absent when nothing. */
  readonly context?: Json;
};

/** What was granted by the last acceptance; stored as one JSON text. */
export type ConsentGrant = {
  readonly grantScope: readonly string[];
  readonly grantAudience: readonly string[];
  readonly session: ConsentSession;
  /** When. */
  readonly handledAt: Timestamp;
  /** What the consent app kept with it; absent when nothing. */
  readonly context?: Json;
};

export const consentRequestsProjection: Projection<ConsentEvent> = {
  name: 'consent-requests',
  version: 3,
  handles: ['ConsentRequested', 'ConsentAccepted', 'ConsentRejected', 'ConsentVerifierRedeemed'],
  schema: `
    CREATE TABLE consent_requests_v3 (
      challenge TEXT PRIMARY KEY, verifierHash TEXT NOT NULL, clientId TEXT NOT NULL, clientIncarnation INTEGER NOT NULL,
      subjectHash TEXT NOT NULL, loginChallenge TEXT NOT NULL, loginSessionId TEXT, rememberedConsent TEXT,
      requestedAt INTEGER NOT NULL, position INTEGER NOT NULL, firstDecision INTEGER, status TEXT NOT NULL,
      outcome TEXT, remember INTEGER NOT NULL, rememberForSeconds INTEGER NOT NULL, details TEXT NOT NULL,
      granted TEXT) STRICT;`,
  queryIndexes: `
    CREATE INDEX consent_requests_v3_by_verifier ON consent_requests_v3 (verifierHash);
    CREATE INDEX consent_requests_v3_by_subject ON consent_requests_v3 (subjectHash, requestedAt, position);`,
  dead: [{ table: 'consent_requests_v3', where: `NOT ${consentRequestAlive('t')}` }],
  apply(db, { event, position, erased }) {
    switch (event.type) {
      case 'ConsentRequested':
        if (!erased) insert(db, event.data, position);
        return;
      case 'ConsentAccepted': {
        const { challenge, grantScope, grantAudience, remember, rememberForSeconds, acceptedAt } = event.data;
        const session = erased ? { accessToken: {}, idToken: {} } : event.data.session;
        const { context } = event.data;
        const granted: ConsentGrant = {
          ...{ grantScope, grantAudience, session, handledAt: acceptedAt },
          ...(context === undefined ? {} : { context }),
        };
        removeIfBornDead(db, challenge);
        const sql = `UPDATE consent_requests_v3 SET status = 'decided', outcome = 'accepted', remember = ?,
          rememberForSeconds = ?, granted = ?, firstDecision = coalesce(firstDecision, ?) WHERE challenge = ?`;
        change(db, sql, remember ? 1 : 0, rememberForSeconds, JSON.stringify(granted), position, challenge);
        return;
      }
      case 'ConsentRejected': {
        removeIfBornDead(db, event.data.challenge);
        const sql = `UPDATE consent_requests_v3 SET status = 'decided', outcome = 'rejected', remember = 0,
          rememberForSeconds = 0, granted = NULL, firstDecision = coalesce(firstDecision, ?) WHERE challenge = ?`;
        change(db, sql, position, event.data.challenge);
        return;
      }
      case 'ConsentVerifierRedeemed':
        change(db, `UPDATE consent_requests_v3 SET status = 'redeemed' WHERE challenge = ?`, event.data.challenge);
        return;
      default:
        assertNever(event);
    }
  },
  streamDeleted(db, stream) {
    const challenge = idIn(stream, 'consent');
    if (challenge !== undefined) change(db, 'DELETE FROM consent_requests_v3 WHERE challenge = ?', challenge);
  },
};

function insert(
  db: ReadModelDatabase,
  data: Extract<ConsentEvent, { type: 'ConsentRequested' }>['data'],
  position: number,
): void {
  const { challenge, verifierHash, clientId, clientIncarnation, subjectHash, request, acr, amr, subject } = data;
  const details: ConsentDetails = {
    requestedScope: request.scope,
    requestedAudience: request.audience,
    oidcContext: data.oidcContext,
    requestUrl: data.requestUrl,
    ...{ subject, acr, amr: amr ?? [] },
    ...(data.context === undefined ? {} : { context: data.context }),
  };
  const sql = `INSERT OR REPLACE INTO consent_requests_v3
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 'requested', NULL, 0, 0, ?, NULL)`;
  change(
    db,
    sql,
    ...[challenge, verifierHash, clientId, clientIncarnation, subjectHash, data.loginChallenge, data.loginSessionId],
    ...[data.rememberedConsent, Date.parse(data.requestedAt), position, JSON.stringify(details)],
  );
}

/** A `skip` request first decided after its remembered consent died was dead by then; the clean-up may have removed it already. */
function removeIfBornDead(db: ReadModelDatabase, challenge: string): void {
  change(db, `DELETE FROM consent_requests_v3 AS k WHERE k.challenge = ? AND ${restsOnDeadConsent('k')}`, challenge);
}
