import { type LoginEvent, type SessionEvent } from '#libs/domain';
import { aggregate } from './integration-event.js';
import { personKey, whom } from './person.js';
import { type DataOf, rows } from './row.js';
import { type StreamFacts, noFacts } from './stream-facts.js';

const topic = 'session.v1';

/** Logins and login sessions: keyed by the subject's hash; a login that was refused before anybody was known by its client. */
export const sessionRows = rows<LoginEvent['type'] | SessionEvent['type']>({
  LoginRequested: { stays: 'nothing was decided yet, and it is not written any more' },
  LoginAccepted: {
    topic,
    type: 'hydrant.login.accepted.v1',
    summary: 'A login app said who the person is.',
    needsFacts: true,
    content: (data, facts) => ({
      key: data.subjectHash,
      aggregate: aggregate('login', data.challenge),
      data: {
        loginRequestId: data.challenge,
        ...whom({ ...facts, ...asked(data), subjectHash: data.subjectHash }),
        authenticatedAt: data.authenticatedAt,
        acr: data.acr,
        amr: data.amr,
        remember: data.remember,
        rememberForSeconds: data.rememberForSeconds,
        skipped: { ...facts, ...asked(data) }.skipped,
      },
      personal: { subject: data.subject },
    }),
  },
  LoginRejected: {
    topic,
    type: 'hydrant.login.rejected.v1',
    summary: 'A login app refused a login. The person is known only where a session was there before.',
    needsFacts: true,
    content(data, before) {
      const { challenge } = data;
      const facts = { ...before, ...asked(data) };
      return {
        key: personKey(facts, challenge),
        aggregate: aggregate('login', challenge),
        data: { loginRequestId: challenge, ...whom(facts), skipped: facts.skipped },
        personal: { subject: facts.subject },
      };
    },
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

/** What a decision says of its request itself; nothing when that is an event of its own. */
function asked(data: DataOf<'LoginAccepted'> | DataOf<'LoginRejected'>): StreamFacts {
  if (data.request === null) return noFacts;
  const { clientId, session, subjectHash, subject } = data;
  return { clientId, subjectHash, subject, skipped: session !== null };
}
