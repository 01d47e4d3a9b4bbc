import {
  type JsonObject,
  type LoginEvent,
  type LoginRequest,
  type Timestamp,
  assertNever,
  idIn,
  isErased,
} from '#libs/domain';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import { loginRequestAlive, loginRequestKept } from '../liveness.js';

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
  /** The id in the name of its stream. */
  readonly id: string;
  /** What its app saw of it. */
  readonly challenge: string;
  readonly status: RequestStatus;
  readonly requestedAt: Date;
  readonly clientId: string;
  readonly clientIncarnation: number;
  /** The client as it is now, and what later generations answer besides, JSON texts. */
  readonly clientJson: string;
  readonly clientExtension: string;
  readonly skip: boolean;
  /** The login session the request rests on, `''` when none. */
  readonly sessionId: string;
};

/**
 * Requests are rows once they are decided; those of before, when asking was an event of its own, from then on. One whose decision is
 * about a person that was erased keeps its row, without challenge and details: its challenge must not answer for it again.
 */
export const loginRequestsProjection: Projection<LoginEvent> = {
  name: 'login-requests',
  version: 3,
  handles: ['LoginRequested', 'LoginAccepted', 'LoginRejected', 'LoginVerifierRedeemed'],
  schema: `
    CREATE TABLE login_requests_v3 (
      id TEXT PRIMARY KEY, challenge TEXT, verifierHash TEXT NOT NULL, clientId TEXT NOT NULL,
      clientIncarnation INTEGER NOT NULL, sessionId TEXT, requestedAt TEXT NOT NULL, status TEXT NOT NULL,
      details TEXT) STRICT;`,
  queryIndexes: `
    CREATE INDEX login_requests_v3_by_verifier ON login_requests_v3 (verifierHash);`,
  dead: [{ table: 'login_requests_v3', where: `NOT ${loginRequestKept('t')}` }],
  apply(db, { event, erased }) {
    switch (event.type) {
      case 'LoginRequested':
        if (erased) return;
        insert(db, event.data, {
          status: 'requested',
          challenge: event.data.challenge,
          details: detailsOf(event.data),
        });
        return;
      case 'LoginAccepted':
      case 'LoginRejected':
        decide(db, event.data);
        return;
      case 'LoginVerifierRedeemed':
        change(db, `UPDATE login_requests_v3 SET status = 'redeemed' WHERE id = ?`, event.data.challenge);
        return;
      default:
        assertNever(event);
    }
  },
  streamDeleted(db, stream) {
    const id = idIn(stream, 'login');
    if (id !== undefined) change(db, 'DELETE FROM login_requests_v3 WHERE id = ?', id);
  },
};

type Decided = Extract<LoginEvent, { type: 'LoginAccepted' | 'LoginRejected' }>['data'];

function decide(db: ReadModelDatabase, data: Decided): void {
  const gone = isErased(data);
  if (data.request === null) {
    const forgotten = gone ? ', challenge = NULL, details = NULL' : '';
    const sql = `UPDATE login_requests_v3 SET status = 'decided'${forgotten} WHERE id = ? AND status = 'requested'`;
    change(db, sql, data.challenge);
    return;
  }
  const challenge = gone ? null : data.challengeText;
  const subject = data.session === null ? undefined : data.subject;
  insert(db, data, { status: 'decided', challenge, details: gone ? null : detailsOf({ ...data, subject }) });
}

type Clear = Pick<
  LoginRequest,
  'challenge' | 'verifierHash' | 'clientId' | 'clientIncarnation' | 'requestedAt' | 'session'
>;
type Shown = {
  readonly status: RequestStatus;
  readonly challenge: string | null;
  readonly details: RequestDetails | null;
};

function insert(db: ReadModelDatabase, data: Clear, { status, challenge, details }: Shown): void {
  const { challenge: id, verifierHash, clientId, clientIncarnation, session, requestedAt } = data;
  const json = details === null ? null : JSON.stringify(details);
  const client = [clientId, clientIncarnation];
  const sql = 'INSERT OR REPLACE INTO login_requests_v3 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
  change(db, sql, id, challenge, verifierHash, ...client, session?.sessionId ?? null, requestedAt, status, json);
}

type Asking = Pick<LoginRequest, 'request' | 'oidcContext' | 'requestUrl'> & { readonly subject?: string | undefined };

/** What login requests show, whether a row has it or a challenge. */
export function detailsOf({ request, oidcContext, requestUrl, subject = '' }: Asking): RequestDetails {
  return { requestedScope: request.scope, requestedAudience: request.audience, oidcContext, requestUrl, subject };
}

/** A login request of which something is in the log, by its id; undefined when nothing is, or it is dead or erased. */
export function findLoginRequest(db: ReadModelDatabase, id: string): LoginRequestView | undefined {
  const sql = `SELECT l.id, l.challenge, l.status, l.clientId, l.clientIncarnation, l.sessionId, l.requestedAt, l.details,
    c.json AS clientJson, c.extension AS clientExtension
    FROM login_requests_v3 l JOIN clients_v4 c ON c.clientId = l.clientId WHERE l.id = ? AND ${loginRequestAlive('l')}`;
  type Row = Omit<LoginRequestView, keyof RequestDetails | 'skip' | 'sessionId' | 'requestedAt'>;
  type Kept = { sessionId: string | null; requestedAt: Timestamp; details: string };
  const row = findRow<Row & Kept>(db, sql, id);
  if (row === undefined) return undefined;
  const { details, sessionId, requestedAt, ...shown } = row;
  const times = { requestedAt: new Date(requestedAt) };
  const session = { skip: sessionId !== null, sessionId: sessionId ?? '' };
  return { ...shown, ...times, ...(JSON.parse(details) as RequestDetails), ...session };
}

/** Whether the log has something of a login request; also when it shows nothing of it any more, because somebody was erased. */
export function isLoginRecorded(db: ReadModelDatabase, id: string): boolean {
  return findRow(db, 'SELECT 1 FROM login_requests_v3 WHERE id = ?', id) !== undefined;
}

/** The login request a verifier belongs to. */
export function findLoginByVerifier(
  db: ReadModelDatabase,
  verifierHash: string,
): { id: string; alive: boolean } | undefined {
  const sql = `SELECT l.id, ${loginRequestAlive('l')} AS alive FROM login_requests_v3 l WHERE l.verifierHash = ?`;
  const row = findRow<{ id: string; alive: number }>(db, sql, verifierHash);
  return row === undefined ? undefined : { id: row.id, alive: row.alive === 1 };
}
