import { type AuthorityEvent } from '#libs/domain';
import { type streamDeleted } from '#libs/event-store';

/**
 * What dies with what (architecture.md: what dies with what): one row of that table, one SQL condition. `alias` names a row of the view's own table in the
 * statement, `now` an expression for the time in milliseconds since 1970. Death is decided in log order, when a row is read.
 */

/** **Every row**: whether the incarnation of the client that a row names is there. Created again, a client is another incarnation. */
function clientAlive(alias: string): string {
  return `EXISTS (SELECT 1 FROM clients_v4
    WHERE clientId = ${alias}.clientId AND incarnation = ${alias}.clientIncarnation)`;
}

/** **Login request**: dead with its client's incarnation, and with the session it started under; and when whom it is about was erased. */
export function loginRequestAlive(alias: string): string {
  return `(${alias}.details IS NOT NULL AND ${loginRequestKept(alias)})`;
}

/** **Login request**: of any use. Without the row of an erased one, its challenge would answer for it again. */
export function loginRequestKept(alias: string): string {
  return `(${clientAlive(alias)} AND (${alias}.sessionId IS NULL OR ${namedLoginSessionAlive(`${alias}.sessionId`)}))`;
}

/** What the app saw of the login request that an expression names; NULL unless that is there and alive. */
export function namedLoginChallenge(id: string): string {
  return `(SELECT l.challenge FROM login_requests_v3 l WHERE l.id = ${id} AND ${loginRequestAlive('l')})`;
}

/**
 * **Consent request, decided**: dead with its client's incarnation, and at a `ConsentRevoked` that matches it after its first decision:
 * deciding again never revives.
 */
function decidedConsentRequestAlive(alias: string): string {
  return `(${clientAlive(alias)} AND NOT EXISTS (SELECT 1 FROM consent_revocations_v2 r
    WHERE r.subjectHash = ${alias}.subjectHash AND r.clientId IN ('', ${alias}.clientId)
    AND r.position > ${alias}.firstDecision))`;
}

/** **Consent request, undecided**, with `skip`: whether the remembered consent it rests on is dead. */
export function restsOnDeadConsent(alias: string): string {
  return `(${alias}.rememberedConsent IS NOT NULL AND ${alias}.firstDecision IS NULL AND NOT EXISTS (
    SELECT 1 FROM consent_requests_v3 m WHERE m.challenge = ${alias}.rememberedConsent
    AND ${decidedConsentRequestAlive('m')}))`;
}

/** **Consent request, decided** and **undecided**. */
export function consentRequestAlive(alias: string): string {
  return `(${decidedConsentRequestAlive(alias)} AND NOT ${restsOnDeadConsent(alias)})`;
}

/** Whether the consent that an expression names is there and alive. */
export function namedConsentAlive(challenge: string): string {
  return `EXISTS (SELECT 1 FROM consent_requests_v3 k WHERE k.challenge = ${challenge} AND ${consentRequestAlive('k')})`;
}

/**
 * **Code, tokens of a flow** and **tokens of a client alone**: whether what they rest on is alive. This is the client's incarnation, and the
 * consent unless the tokens are the client's own.
 */
export function foundationAlive(alias: string): string {
  return `(${clientAlive(alias)}
    AND (${alias}.consentChallenge IS NULL OR ${namedConsentAlive(`${alias}.consentChallenge`)}))`;
}

/** **Code, tokens of a flow**: replayed, revoked or reused; **tokens of a client alone**: revoked. Either ends the grant as a whole. */
function grantRevoked(alias: string): string {
  return `EXISTS (SELECT 1 FROM grant_revocations_v3 v WHERE v.grantId = ${alias}.grantId)`;
}

/** **Code**: alive but for what the grant's own stream decides, which is that it was redeemed, and its expiry. */
export function authorizationCodeAlive(alias: string): string {
  return `(${foundationAlive(alias)} AND NOT ${grantRevoked(alias)})`;
}

/**
 * **Code**: of any use. One that was redeemed is as long as its grant lives: using it again is to be noticed, however late. One that was
 * not is a while longer than it is valid: an instance whose clock is behind may have redeemed it in time, and that event is yet to come.
 */
export function authorizationCodeKept(alias: string, now: string): string {
  return `(${authorizationCodeAlive(alias)} AND (${alias}.redeemed = 1 OR ${alias}.expiresAt > ${now} - ${oneHourMs}))`;
}

/** **Tokens of a flow**, **tokens of a client alone**: an access token. A refresh ends those its grant had before, a flush the old ones. */
export function accessTokenAlive(alias: string, now: string): string {
  return `(${alias}.expiresAt > ${now} AND ${alias}.issuedAt >= ${flushedUpTo}
    AND NOT ${grantRevoked(alias)} AND ${foundationAlive(alias)}
    AND (${alias}.consentChallenge IS NULL OR NOT EXISTS (
      SELECT 1 FROM grant_refreshes_v3 f WHERE f.grantId = ${alias}.grantId AND f.position > ${alias}.position)))`;
}

/** **Tokens of a flow**: a refresh token. Using it ends it. */
export function refreshTokenAlive(alias: string, now: string): string {
  return `(${alias}.rotated = 0 AND ${refreshTokenKept(alias, now)})`;
}

/** **Tokens of a flow**: a refresh token that is of any use, be it to detect that it is used again. */
export function refreshTokenKept(alias: string, now: string): string {
  return `((${alias}.expiresAt IS NULL OR ${alias}.expiresAt > ${now})
    AND NOT ${grantRevoked(alias)} AND ${foundationAlive(alias)})`;
}

/** **Forced subject identifier**: dead with its client's incarnation. */
export function forcedIdentifierAlive(alias: string): string {
  return clientAlive(alias);
}

/** **Login session**: dead at a `SessionRevoked` after it started. At its `SessionEnded` the row goes. */
export function loginSessionAlive(alias: string): string {
  return `NOT EXISTS (SELECT 1 FROM session_revocations_v2 r
    WHERE r.subjectHash = ${alias}.subjectHash AND r.position > ${alias}.position)`;
}

/** Whether the login session that an expression names is there and alive. */
export function namedLoginSessionAlive(sessionId: string): string {
  return `EXISTS (SELECT 1 FROM login_sessions_v1 s WHERE s.sessionId = ${sessionId} AND ${loginSessionAlive('s')})`;
}

/** Access tokens issued before it are gone. */
export const flushedUpTo = '(SELECT coalesce(max(cutOff), 0) FROM flushed_v3)';
const oneHourMs = 3_600_000;

/**
 * Whether an event of a type can make a live access token dead, by the rows above. The compiler asks for every type that is stored; the
 * projector forgets what was found alive when one comes that can.
 */
const endsTokens: Record<AuthorityEvent['type'] | typeof streamDeleted, boolean> = {
  // the client's incarnation is gone
  ClientDeleted: true,
  ...{ ClientCreated: false, ClientUpdated: false, ClientSecretRotated: false, ClientSecretRehashed: false },
  // the consent is dead
  ConsentRevoked: true,
  ...{ ConsentRequested: false, ConsentAccepted: false, ConsentRejected: false, ConsentVerifierRedeemed: false },
  // redeemed or replayed, revoked, reused
  AuthorizationCodeReplayed: true,
  RefreshTokenReused: true,
  TokensRefreshed: true,
  TokensRevoked: true,
  TokensFlushed: true,
  ...{ AuthorizationCodeIssued: false, AuthorizationCodeRedeemed: false, AuthorizationCodeInvalidated: false },
  TokensIssued: false,
  // tokens whose rows go with their stream are forgotten there: most streams that are deleted have none any more
  $streamDeleted: false,
  // consents and tokens do not die with a login session
  ...{ SessionStarted: false, SessionEnded: false, SessionRevoked: false },
  ...{ LoginRequested: false, LoginAccepted: false, LoginRejected: false, LoginVerifierRedeemed: false },
  // no token rests on these
  ...{ SubjectKeyCreated: false, SubjectKeySealed: false, SubjectIdentifierForced: false },
  ...{ KeySetCreated: false, KeyRotated: false, KeyAdded: false, KeyReplaced: false, KeyDeleted: false },
  ...{ KeySetReplaced: false, KeySetDeleted: false, SecretSealed: false },
  ...{
    RootKeyCreated: false,
    RootKeyResealed: false,
    RetentionApplied: false,
    EventParked: false,
    ClientAssertionUsed: false,
  },
  ...{ AdminTokenCreated: false, AdminTokenRevoked: false },
};

/** The types of the events that can end a token. */
export const tokenEndings: ReadonlySet<string> = new Set(
  Object.entries(endsTokens).flatMap(([type, ends]) => (ends ? [type] : [])),
);
