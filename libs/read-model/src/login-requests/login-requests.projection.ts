import { type JsonObject, type LoginEvent, assertNever } from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import { loginRequestAlive } from '../liveness.js';

/** `redeemed`: its verifier was used; GET answers 409 then. */
export type RequestStatus = 'requested' | 'decided' | 'redeemed';

/** What the Admin API shows of an authorization request in a login or consent request; stored as one JSON text. */
export type RequestDetails = {
  readonly requestedScope: readonly string[];
  readonly requestedAudience: readonly string[];
  readonly oidcContext: JsonObject;
  readonly requestUrl: string;
  /** `''` while it is not known who the person is. */
  readonly subject: string;
};

/** A login request as admin-api.md 3.5 shows it. */
export type LoginRequestView = RequestDetails & {
  readonly challenge: string;
  readonly status: RequestStatus;
  readonly clientId: string;
  readonly clientIncarnation: number;
  /** The client as it is now, and what later generations answer besides, JSON texts. */
  readonly clientJson: string;
  readonly clientExtension: string;
  readonly skip: boolean;
  /** The login session the request rests on, `''` when none. */
  readonly sessionId: string;
};

export const loginRequestsProjection: Projection<LoginEvent> = {
  name: 'login-requests',
  version: 1,
  handles: ['LoginRequested', 'LoginAccepted', 'LoginRejected', 'LoginVerifierRedeemed'],
  schema: `
    CREATE TABLE login_requests_v1 (
      challenge TEXT PRIMARY KEY, verifierHash TEXT NOT NULL, clientId TEXT NOT NULL, clientIncarnation INTEGER NOT NULL,
      sessionId TEXT, status TEXT NOT NULL, details TEXT NOT NULL) STRICT;`,
  queryIndexes: `
    CREATE INDEX login_requests_v1_by_verifier ON login_requests_v1 (verifierHash);`,
  dead: [{ table: 'login_requests_v1', where: `NOT ${loginRequestAlive('t')}` }],
  apply(db, { event, erased }) {
    switch (event.type) {
      case 'LoginRequested':
        if (!erased) insert(db, event.data);
        return;
      case 'LoginAccepted':
      case 'LoginRejected': {
        const sql = `UPDATE login_requests_v1 SET status = 'decided' WHERE challenge = ? AND status = 'requested'`;
        change(db, sql, event.data.challenge);
        return;
      }
      case 'LoginVerifierRedeemed':
        change(db, `UPDATE login_requests_v1 SET status = 'redeemed' WHERE challenge = ?`, event.data.challenge);
        return;
      default:
        assertNever(event);
    }
  },
};

function insert(db: ReadModelDatabase, data: Extract<LoginEvent, { type: 'LoginRequested' }>['data']): void {
  const { challenge, verifierHash, clientId, clientIncarnation, session, request } = data;
  const details: RequestDetails = {
    requestedScope: request.scope,
    requestedAudience: request.audience,
    oidcContext: data.oidcContext,
    requestUrl: data.requestUrl,
    subject: data.subject ?? '',
  };
  const sql = `INSERT OR REPLACE INTO login_requests_v1 VALUES (?, ?, ?, ?, ?, 'requested', ?)`;
  const sessionId = session?.sessionId ?? null;
  change(db, sql, challenge, verifierHash, clientId, clientIncarnation, sessionId, JSON.stringify(details));
}

/** The login request of a challenge; undefined when unknown or dead. */
export function findLoginRequest(db: ReadModelDatabase, challenge: string): LoginRequestView | undefined {
  const sql = `SELECT l.challenge, l.status, l.clientId, l.clientIncarnation, l.sessionId, l.details, c.json AS clientJson,
    c.extension AS clientExtension
    FROM login_requests_v1 l JOIN clients_v3 c ON c.clientId = l.clientId
    WHERE l.challenge = ? AND ${loginRequestAlive('l')}`;
  type Row = Omit<LoginRequestView, keyof RequestDetails | 'skip' | 'sessionId'>;
  const row = findRow<Row & { sessionId: string | null; details: string }>(db, sql, challenge);
  if (row === undefined) return undefined;
  const { details, sessionId, ...shown } = row;
  return { ...shown, ...(JSON.parse(details) as RequestDetails), skip: sessionId !== null, sessionId: sessionId ?? '' };
}

/** The login request a verifier belongs to. */
export function findLoginByVerifier(
  db: ReadModelDatabase,
  verifierHash: string,
): { challenge: string; alive: boolean } | undefined {
  const sql = `SELECT l.challenge, ${loginRequestAlive('l')} AS alive FROM login_requests_v1 l WHERE l.verifierHash = ?`;
  const row = findRow<{ challenge: string; alive: number }>(db, sql, verifierHash);
  return row === undefined ? undefined : { challenge: row.challenge, alive: row.alive === 1 };
}
