import { type ConsentEvent, type SubjectEvent, type SubjectKeyEvent } from '#libs/domain';
import { type Members, aggregate } from './integration-event.js';
import { personKey, whom } from './person.js';
import { rows } from './row.js';
import { type StreamFacts } from './stream-facts.js';

const topic = 'consent.v1';

/** Consents: keyed by the subject's hash, so that an acceptance and its withdrawal are in one partition, in order. */
export const consentRows = rows<ConsentEvent['type'] | SubjectEvent['type'] | SubjectKeyEvent['type']>({
  ConsentRequested: { stays: 'nothing was decided yet; the decision says what was asked for' },
  ConsentAccepted: {
    topic,
    type: 'hydrant.consent.accepted.v1',
    summary: 'A consent app granted a client access for a person. Decided again, the last one counts.',
    needsFacts: true,
    content: (data, facts) => ({
      ...consent(data, facts),
      data: {
        consentRequestId: data.challenge,
        ...whom({ ...facts, subjectHash: data.subjectHash }),
        ...asked(facts),
        grantedScope: data.grantScope,
        grantedAudience: data.grantAudience,
        remember: data.remember,
        rememberForSeconds: data.rememberForSeconds,
      },
    }),
  },
  ConsentRejected: {
    topic,
    type: 'hydrant.consent.rejected.v1',
    summary: 'A consent app refused a client access for a person.',
    needsFacts: true,
    content: (data, facts) => ({
      ...consent(data, facts),
      data: {
        consentRequestId: data.challenge,
        ...whom({ ...facts, subjectHash: data.subjectHash }),
        ...asked(facts),
      },
    }),
  },
  ConsentVerifierRedeemed: { stays: 'a step of the handshake; the tokens that come of it are events of their own' },
  ConsentRevoked: {
    topic,
    type: 'hydrant.consent.revoked.v1',
    summary:
      'What a person granted to a client was withdrawn, with the tokens issued under it; without `clientId`: to every client.',
    content: ({ subjectHash, clientId }) => ({
      key: subjectHash,
      aggregate: aggregate('subject', subjectHash),
      data: { subjectHash, clientId: clientId ?? undefined, allClients: clientId === null },
    }),
  },
  SessionRevoked: {
    topic: 'session.v1',
    type: 'hydrant.sessions.revoked.v1',
    summary: 'All login sessions of a person were ended by an administrator.',
    content: ({ subjectHash }) => ({
      key: subjectHash,
      aggregate: aggregate('subject', subjectHash),
      data: { subjectHash },
    }),
  },
  SubjectIdentifierForced: { stays: 'how one client calls a person is between the two' },
  SubjectKeyCreated: { stays: 'about how personal data is sealed' },
  SubjectKeySealed: { stays: 'a key, sealed' },
});

function consent(
  { challenge, subjectHash }: { challenge: string; subjectHash: string },
  facts: StreamFacts,
): { key: string; aggregate: string; personal: Members } {
  return {
    key: personKey({ ...facts, subjectHash }, challenge),
    aggregate: aggregate('consent', challenge),
    personal: { subject: facts.subject },
  };
}

function asked({ requestedScope, requestedAudience, skipped }: StreamFacts): Members {
  return { requestedScope, requestedAudience, skipped };
}
