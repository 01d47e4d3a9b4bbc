import { type LoginEvent, type SessionEvent } from '#libs/domain';
import { aggregate } from './integration-event.js';
import { personKey, whom } from './person.js';
import { rows } from './row.js';

const topic = 'session.v1';

/** Logins and login sessions: keyed by the subject's hash; a login that was refused before anybody was known by its client. */
export const sessionRows = rows<LoginEvent['type'] | SessionEvent['type']>({
  LoginRequested: { stays: 'nothing was decided yet' },
  LoginAccepted: {
    topic,
    type: 'hydrant.login.accepted.v1',
    summary: 'A login app said who the person is.',
    needsFacts: true,
    content: (data, { clientId, skipped }) => ({
      key: data.subjectHash,
      aggregate: aggregate('login', data.challenge),
      data: {
        loginRequestId: data.challenge,
        ...whom({ subjectHash: data.subjectHash, clientId }),
        authenticatedAt: data.authenticatedAt,
        acr: data.acr,
        amr: data.amr,
        remember: data.remember,
        rememberForSeconds: data.rememberForSeconds,
        skipped,
      },
      personal: { subject: data.subject },
    }),
  },
  LoginRejected: {
    topic,
    type: 'hydrant.login.rejected.v1',
    summary: 'A login app refused a login. The person is known only where a session was there before.',
    needsFacts: true,
    content: ({ challenge }, facts) => ({
      key: personKey(facts, challenge),
      aggregate: aggregate('login', challenge),
      data: { loginRequestId: challenge, ...whom(facts), skipped: facts.skipped },
      personal: { subject: facts.subject },
    }),
  },
  LoginVerifierRedeemed: { stays: 'a step of the handshake' },
  SessionStarted: {
    topic,
    type: 'hydrant.session.started.v1',
    summary: 'A browser is remembered as logged in.',
    content: ({ sessionId, subjectHash, subject, authenticatedAt }) => ({
      key: subjectHash,
      aggregate: aggregate('session', sessionId),
      data: { sessionId, subjectHash, authenticatedAt },
      personal: { subject },
    }),
  },
  SessionEnded: {
    topic,
    type: 'hydrant.session.ended.v1',
    summary: 'The login session of one browser ended. Consents and tokens stay.',
    needsFacts: true,
    content: ({ sessionId, cause }, { subjectHash, subject }) => ({
      key: personKey({ subjectHash }, sessionId),
      aggregate: aggregate('session', sessionId),
      data: { sessionId, subjectHash, cause },
      personal: { subject },
    }),
  },
});
