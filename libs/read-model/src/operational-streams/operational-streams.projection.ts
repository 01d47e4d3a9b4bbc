import {
  type ClientAssertionEvent,
  type ClientEvent,
  type ConsentEvent,
  type GrantEvent,
  type LoginEvent,
  type MintedTokens,
  type Timestamp,
  type TokenClaims,
  assertNever,
  idIn,
  streamName,
} from '#libs/domain';
import { type RecordedEvent } from '#libs/event-store';
import { type ReadModelDatabase, change, findRow } from '../engine/database.js';
import { type Projection } from '../engine/projection.js';
import { namedConsentAlive } from '../liveness.js';

/**
 * What an operational stream is about, children first. `revocation`: a grant that holds nothing but the revocation of a client's own
 * token. `consent`: undecided, or decided because a remembered one covered it.
 */
export const operationalKinds = ['grant', 'machine', 'revocation', 'consent', 'login', 'assertion'] as const;
export type OperationalKind = (typeof operationalKinds)[number];

type HandledEvent =
  LoginEvent | ConsentEvent | GrantEvent | ClientAssertionEvent | Extract<ClientEvent, { type: 'ClientDeleted' }>;

/**
 * Streams that are deleted once what is in them is over: when that is, and the revision of which that is said. Nothing here depends on
 * what was deleted already, or on how long is waited: both are for whoever deletes (operational-streams.queries.ts).
 *
 * `endsAt` is in milliseconds since 1970, `never` without an end; of logins and consents it is when they were asked for, since how long
 * they may take is configured. `ended`: it came early, and stays. `held`: a consent whose grant is there. What follows `position` is of
 * grants, which end with their client or consent too.
 */
export const operationalStreamsProjection: Projection<HandledEvent> = {
  name: 'operational-streams',
  version: 1,
  handles: [
    ...(['LoginRequested', 'LoginAccepted', 'LoginRejected', 'LoginVerifierRedeemed'] as const),
    ...(['ConsentRequested', 'ConsentAccepted', 'ConsentRejected', 'ConsentVerifierRedeemed'] as const),
    ...(['AuthorizationCodeIssued', 'AuthorizationCodeRedeemed', 'AuthorizationCodeReplayed'] as const),
    ...(['AuthorizationCodeInvalidated', 'TokensIssued', 'TokensRefreshed', 'RefreshTokenReused'] as const),
    ...(['TokensRevoked', 'ClientAssertionUsed', 'ClientDeleted'] as const),
  ],
  schema: `
    CREATE TABLE operational_streams_v1 (
      stream TEXT PRIMARY KEY, kind TEXT NOT NULL, endsAt INTEGER NOT NULL, ended INTEGER NOT NULL, held INTEGER NOT NULL,
      restsOnRemembered INTEGER NOT NULL, revision INTEGER NOT NULL, firstPosition INTEGER NOT NULL,
      position INTEGER NOT NULL, clientId TEXT, clientIncarnation INTEGER, subjectHash TEXT) STRICT;
    CREATE TABLE client_deletions_v1 (
      clientId TEXT NOT NULL, revision INTEGER NOT NULL, deletedAt INTEGER NOT NULL,
      PRIMARY KEY (clientId, revision)) STRICT;`,
  queryIndexes: `
    CREATE INDEX operational_streams_v1_by_end ON operational_streams_v1 (kind, endsAt) WHERE held = 0;`,
  dead: [],
  apply(db, recorded) {
    const { event, stream, revision } = recorded;
    switch (event.type) {
      case 'LoginRequested':
        note(db, recorded, { kind: 'login', endsAt: Date.parse(event.data.requestedAt) });
        return;
      case 'LoginAccepted':
      case 'LoginRejected':
        if (event.data.request === null) goOn(db, recorded);
        else note(db, recorded, { kind: 'login', endsAt: Date.parse(event.data.requestedAt) });
        return;
      case 'ConsentRequested': {
        const { requestedAt, rememberedConsent } = event.data;
        const restsOnRemembered = rememberedConsent !== null;
        note(db, recorded, { kind: 'consent', endsAt: Date.parse(requestedAt), restsOnRemembered });
        return;
      }
      case 'ConsentAccepted':
      case 'ConsentRejected': // by a person: evidence from now on
        change(db, 'DELETE FROM operational_streams_v1 WHERE stream = ? AND restsOnRemembered = 0', stream);
        goOn(db, recorded);
        return;
      case 'AuthorizationCodeIssued': {
        const { grantId, consentChallenge, expiresAt, issuedAt } = event.data;
        note(db, recorded, { kind: 'grant', endsAt: Date.parse(expiresAt), owner: event.data });
        if (consentChallenge !== null && !isConsentAlive(db, consentChallenge)) end(db, recorded, issuedAt);
        hold(db, grantId, true);
        return;
      }
      case 'LoginVerifierRedeemed':
      case 'ConsentVerifierRedeemed':
      case 'AuthorizationCodeRedeemed':
      case 'AuthorizationCodeInvalidated':
        goOn(db, recorded);
        return;
      case 'TokensIssued':
      case 'TokensRefreshed':
        if (idIn(stream, 'machine') === undefined) goOn(db, recorded, lastExpiry(event.data));
        else note(db, recorded, { kind: 'machine', endsAt: lastExpiry(event.data) });
        return;
      case 'AuthorizationCodeReplayed':
        end(db, recorded, event.data.replayedAt);
        return;
      case 'RefreshTokenReused':
        end(db, recorded, event.data.reusedAt);
        return;
      case 'TokensRevoked':
        if (end(db, recorded, event.data.revokedAt)) return;
        note(db, recorded, { kind: 'revocation', endsAt: Date.parse(event.data.revokedAt) });
        return;
      case 'ClientAssertionUsed':
        note(db, recorded, { kind: 'assertion', endsAt: Date.parse(event.data.refusedFrom) });
        return;
      case 'ClientDeleted': {
        const { clientId, deletedAt } = event.data;
        const sql = 'INSERT OR REPLACE INTO client_deletions_v1 VALUES (?, ?, ?)';
        change(db, sql, clientId, revision, Date.parse(deletedAt));
        return;
      }
      default:
        assertNever(event);
    }
  },
  streamDeleted(db, stream) {
    change(db, 'DELETE FROM operational_streams_v1 WHERE stream = ?', stream);
    const grantId = idIn(stream, 'grant');
    if (grantId !== undefined) hold(db, grantId, false);
  },
};

/** The end of what has none: the last instant that there is in JavaScript. */
export const never = 8_640_000_000_000_000;

type Noted = {
  readonly kind: OperationalKind;
  readonly endsAt: number;
  readonly restsOnRemembered?: boolean;
  readonly owner?: Pick<TokenClaims, 'clientId' | 'clientIncarnation' | 'subjectHash'>;
};

/** A stream that begins, or another event of one that may have begun. */
function note(
  db: ReadModelDatabase,
  { stream, revision, position }: RecordedEvent,
  { kind, endsAt, restsOnRemembered = false, owner }: Noted,
): void {
  const sql = `INSERT INTO operational_streams_v1 VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET endsAt = iif(ended, endsAt, max(endsAt, excluded.endsAt)), revision = excluded.revision,
      position = excluded.position`;
  const owned = [owner?.clientId ?? null, owner?.clientIncarnation ?? null, owner?.subjectHash ?? null];
  change(db, sql, stream, kind, endsAt, restsOnRemembered ? 1 : 0, revision, position, position, ...owned);
}

/** Another event of a stream. Without a row its beginning was deleted, or it is evidence. */
function goOn(db: ReadModelDatabase, { stream, revision, position }: RecordedEvent, endsAt = 0): void {
  const sql = `UPDATE operational_streams_v1 SET endsAt = iif(ended, endsAt, max(endsAt, ?)), revision = ?, position = ?
    WHERE stream = ?`;
  change(db, sql, endsAt, revision, position, stream);
}

/** The event ends what is in its stream. Whether the stream has a row. */
function end(db: ReadModelDatabase, { stream, revision, position }: RecordedEvent, at: Timestamp): boolean {
  const sql = `UPDATE operational_streams_v1 SET endsAt = min(endsAt, ?), ended = 1, revision = ?, position = ?
    WHERE stream = ?`;
  return change(db, sql, Date.parse(at), revision, position, stream) > 0;
}

/** A flow's grant has the id of its consent, which stays as long as the grant is there. */
function hold(db: ReadModelDatabase, grantId: string, held: boolean): void {
  const sql = 'UPDATE operational_streams_v1 SET held = ? WHERE stream = ?';
  change(db, sql, held ? 1 : 0, streamName('consent', grantId));
}

function isConsentAlive(db: ReadModelDatabase, challenge: string): boolean {
  return findRow<{ alive: number }>(db, `SELECT ${namedConsentAlive('?1')} AS alive`, challenge)?.alive === 1;
}

function lastExpiry(minted: MintedTokens): number {
  const { accessTokenExpiresAt, refreshTokenHash, refreshTokenExpiresAt } = minted;
  if (refreshTokenHash === null) return Date.parse(accessTokenExpiresAt);
  return refreshTokenExpiresAt === null
    ? never
    : Math.max(Date.parse(accessTokenExpiresAt), Date.parse(refreshTokenExpiresAt));
}
