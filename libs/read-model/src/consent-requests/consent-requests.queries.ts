import { type ReadModelDatabase, findRow, findRows } from '../engine/database.js';
import { consentRequestAlive, namedLoginChallenge, namedLoginSessionAlive } from '../liveness.js';
import { type RequestStatus } from '../login-requests/login-requests.projection.js';
import { type ConsentDetails, type ConsentGrant } from './consent-requests.projection.js';

/** A consent request as admin-api.md 3.6 shows it. */
export type ConsentRequestView = ConsentDetails & {
  readonly challenge: string;
  readonly status: RequestStatus;
  readonly clientId: string;
  readonly clientIncarnation: number;
  /** The client as it is now, and what later generations answer besides, JSON texts. */
  readonly clientJson: string;
  readonly clientExtension: string;
  /** A remembered consent covers it. */
  readonly skip: boolean;
  /** What the login app saw; `''` when that request is dead. */
  readonly loginChallenge: string;
  /** The session that skipped the login; `''` when none did, or it is dead. */
  readonly loginSessionId: string;
};

/** What a subject granted, as admin-api.md 3.12 shows it. */
export type ConsentSessionView = ConsentGrant & {
  readonly remember: boolean;
  readonly rememberForSeconds: number;
  readonly consentRequest: ConsentRequestView;
};

type RequestRow = Omit<ConsentRequestView, keyof ConsentDetails | 'skip'> & { skip: number; details: string };

const requestColumns = `k.challenge, k.status, k.clientId, k.clientIncarnation, c.json AS clientJson, c.extension AS clientExtension,
  k.rememberedConsent IS NOT NULL AS skip, k.details,
  coalesce(${namedLoginChallenge('k.loginChallenge')}, '') AS loginChallenge,
  iif(${namedLoginSessionAlive('k.loginSessionId')}, k.loginSessionId, '') AS loginSessionId`;
const fromAlive = `FROM consent_requests_v3 k JOIN clients_v4 c ON c.clientId = k.clientId WHERE ${consentRequestAlive('k')}`;

function requestView({ details, skip, ...shown }: RequestRow): ConsentRequestView {
  return { ...shown, ...(JSON.parse(details) as ConsentDetails), skip: skip === 1 };
}

/** The consent request of a challenge; undefined when unknown or dead. */
export function findConsentRequest(db: ReadModelDatabase, challenge: string): ConsentRequestView | undefined {
  const row = findRow<RequestRow>(db, `SELECT ${requestColumns} ${fromAlive} AND k.challenge = ?`, challenge);
  return row === undefined ? undefined : requestView(row);
}

/** The consent request a verifier belongs to. */
export function findConsentByVerifier(
  db: ReadModelDatabase,
  verifierHash: string,
): { challenge: string; alive: boolean } | undefined {
  const sql = `SELECT k.challenge, ${consentRequestAlive('k')} AS alive FROM consent_requests_v3 k WHERE k.verifierHash = ?`;
  const row = findRow<{ challenge: string; alive: number }>(db, sql, verifierHash);
  return row === undefined ? undefined : { challenge: row.challenge, alive: row.alive === 1 };
}

/**
 * The remembered consent that may let a request skip (admin-api.md 2.16): of a subject's remembered grants to a client only the
 * newest request counts, and only while its time, counted from the request, is not over. A `rememberForSeconds` of 0 or less has no end.
 */
export function findRememberedConsent(
  db: ReadModelDatabase,
  query: { subjectHash: string; clientId: string; clientIncarnation: number; now: Date },
): { challenge: string; grantScope: readonly string[] } | undefined {
  const sql = `SELECT k.challenge, k.requestedAt, k.rememberForSeconds, k.granted FROM consent_requests_v3 k
    WHERE k.subjectHash = ? AND k.clientId = ? AND k.clientIncarnation = ?
    AND k.outcome = 'accepted' AND k.remember = 1 AND k.rememberedConsent IS NULL AND ${consentRequestAlive('k')}
    ORDER BY k.requestedAt DESC, k.position DESC LIMIT 1`;
  type Row = { challenge: string; granted: string } & Remembered;
  const row = findRow<Row>(db, sql, query.subjectHash, query.clientId, query.clientIncarnation);
  if (row === undefined || isOver(row, query.now)) return undefined;
  return { challenge: row.challenge, grantScope: (JSON.parse(row.granted) as ConsentGrant).grantScope };
}

type Remembered = { requestedAt: number; rememberForSeconds: number };

function isOver({ requestedAt, rememberForSeconds }: Remembered, now: Date): boolean {
  return rememberForSeconds > 0 && requestedAt + rememberForSeconds * 1000 < now.getTime();
}

/** What a subject granted, all of it or under one login session that is alive: `?1` and `?2` of the SQL. */
type Granted = { readonly subjectHash: string; readonly loginSessionId?: string | undefined };

const grantedBySubject = `k.subjectHash = ?1 AND k.outcome = 'accepted' AND k.rememberedConsent IS NULL
  AND (?2 IS NULL OR k.loginSessionId = ?2 AND ${namedLoginSessionAlive('k.loginSessionId')})`;

/** A page of what a subject granted, newest request first. What is over is left out after paging, so a page may be short (admin-api.md 2.19). */
export function listConsentSessions(
  db: ReadModelDatabase,
  query: Granted & { now: Date; limit: number; offset: number },
): ConsentSessionView[] {
  const sql = `SELECT k.requestedAt, k.remember, k.rememberForSeconds, k.granted, ${requestColumns} ${fromAlive}
    AND ${grantedBySubject} ORDER BY k.requestedAt DESC, k.position DESC LIMIT ?3 OFFSET ?4`;
  type Row = RequestRow & Remembered & { remember: number; granted: string };
  return findRows<Row>(db, sql, query.subjectHash, query.loginSessionId ?? null, query.limit, query.offset)
    .filter((row) => !isOver(row, query.now))
    .map(({ requestedAt: _, remember, rememberForSeconds, granted, ...request }) => ({
      ...(JSON.parse(granted) as ConsentGrant),
      remember: remember === 1,
      rememberForSeconds,
      consentRequest: requestView(request),
    }));
}

/** How many consents the pages of `listConsentSessions` go over; those that are over in time count too. */
export function countConsentSessions(db: ReadModelDatabase, { subjectHash, loginSessionId }: Granted): number {
  const sql = `SELECT count(*) AS count ${fromAlive} AND ${grantedBySubject}`;
  return findRow<{ count: number }>(db, sql, subjectHash, loginSessionId ?? null)?.count ?? 0;
}

/** Whether a revocation finds something: consents accepted or rejected and alive, `skip` included. `clientId` null: at any client. */
export function hasHandledConsents(
  db: ReadModelDatabase,
  { subjectHash, clientId }: { subjectHash: string; clientId: string | null },
): boolean {
  const sql = `SELECT 1 FROM consent_requests_v3 k WHERE k.subjectHash = ?1 AND (?2 IS NULL OR k.clientId = ?2)
    AND k.firstDecision IS NOT NULL AND ${consentRequestAlive('k')} LIMIT 1`;
  return findRow(db, sql, subjectHash, clientId) !== undefined;
}
