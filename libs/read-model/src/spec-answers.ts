import { findClient } from './clients/clients.projection.js';
import {
  findConsentRequest,
  findRememberedConsent,
  listConsentSessions,
} from './consent-requests/consent-requests.queries.js';
import { type ReadModelDatabase } from './engine/database.js';
import { findKeySet } from './keys/keys.queries.js';
import { findLoginByVerifier, findLoginRequest } from './login-requests/login-requests.projection.js';
import { findLoginSession } from './sessions/sessions.projection.js';
import { clients, subjects } from './spec-history.js';
import { findForcedIdentifier } from './subjects/subjects.projection.js';
import { findAccessToken, findAuthorizationCode, findRefreshToken } from './tokens/tokens.queries.js';

/** What the authority can see of the world of a story. */
export function everyAnswer(db: ReadModelDatabase, now: Date) {
  const ids = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const challenges = [...ids('consent', 4), ...ids('skip', 4)];
  const person = { clientId: 'app', clientIncarnation: 0 };
  return {
    clients: clients.map((id) => findClient(db, id)),
    logins: ids('login', 4).map((id) => findLoginRequest(db, id)),
    verifiers: ids('verifier-login', 4).map((hash) => findLoginByVerifier(db, hash)?.alive === true),
    sessions: ids('sid', 3).map((id) => findLoginSession(db, id)),
    consents: challenges.map((id) => findConsentRequest(db, id)),
    codes: challenges
      .map((id) => findAuthorizationCode(db, `code-${id}`))
      .map((code) => (code?.alive ? code : undefined)),
    remembered: subjects.map((subjectHash) => findRememberedConsent(db, { ...person, subjectHash, now })),
    forced: subjects.map((subjectHash) => findForcedIdentifier(db, { ...person, subjectHash })),
    lists: subjects.map((subjectHash) => listConsentSessions(db, { subjectHash, now, limit: 9, offset: 0 })),
    access: ids('access', 60).map((hash) => findAccessToken(db, hash, now)?.introspection('https://op/')),
    refresh: ids('refresh', 60).map((hash) => findRefreshToken(db, hash, now)?.introspection('https://op/')),
    keys: findKeySet(db, 'set'),
  };
}
