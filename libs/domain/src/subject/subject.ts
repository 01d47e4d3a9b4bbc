import { type Decider, type EventSchemas, type Timestamp, assertNever, streamName } from '../shared.js';

/** Everything about a person that is not one flow's own; the stream carries the keyed hash of the subject, never the subject. */
export type SubjectEvent =
  | { type: 'SubjectKeyCreated'; data: { subjectHash: string; keyId: string; createdAt: Timestamp } }
  | { type: 'ConsentRevoked'; data: { subjectHash: string; clientId: string | null; revokedAt: Timestamp } }
  | { type: 'SessionRevoked'; data: { subjectHash: string; revokedAt: Timestamp } }
  | {
      type: 'SubjectIdentifierForced';
      data: {
        subjectHash: string;
        subject: string;
        clientId: string;
        clientIncarnation: number;
        identifier: string;
        forcedAt: Timestamp;
      };
    };

export const subjectEventSchemas: EventSchemas<SubjectEvent> = {
  SubjectKeyCreated: { version: 1 },
  ConsentRevoked: { version: 1 },
  SessionRevoked: { version: 1 },
  SubjectIdentifierForced: { version: 1, personal: ['subject', 'identifier'] },
};

export type SubjectCommand =
  | { type: 'RegisterSubjectKey'; data: { subjectHash: string; keyId: string }; now: Date }
  /** `clientId` null: at every client. One event, whatever the number of consents (architecture.md: streams). */
  | { type: 'RevokeConsent'; data: { subjectHash: string; clientId: string | null }; now: Date }
  | { type: 'RevokeSessions'; data: { subjectHash: string }; now: Date }
  | {
      type: 'ForceSubjectIdentifier';
      data: { subjectHash: string; subject: string; clientId: string; clientIncarnation: number; identifier: string };
      now: Date;
    };

type ForcedIdentifier = { clientIncarnation: number; identifier: string };

/** `forced`: the identifier last forced at each client, by client id. */
export type Subject = { keyId: string | undefined; forced: ReadonlyMap<string, ForcedIdentifier> };

function evolve(state: Subject, event: SubjectEvent): Subject {
  switch (event.type) {
    case 'SubjectKeyCreated':
      return { ...state, keyId: event.data.keyId };
    case 'SubjectIdentifierForced': {
      const { clientId, clientIncarnation, identifier } = event.data;
      return { ...state, forced: new Map(state.forced).set(clientId, { clientIncarnation, identifier }) };
    }
    case 'ConsentRevoked':
    case 'SessionRevoked':
      return state;
    default:
      return assertNever(event);
  }
}

/**
 * Decides what a command changes; `[]` when a key is registered for a subject that has one already, or an identifier forced that
 * is in force. A revocation is always an event: it ends what was granted since the last one.
 */
function decide(command: SubjectCommand, state: Subject): SubjectEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'RegisterSubjectKey':
      return state.keyId === undefined ? [{ type: 'SubjectKeyCreated', data: { ...command.data, createdAt: at } }] : [];
    case 'RevokeConsent':
      return [{ type: 'ConsentRevoked', data: { ...command.data, revokedAt: at } }];
    case 'RevokeSessions':
      return [{ type: 'SessionRevoked', data: { ...command.data, revokedAt: at } }];
    case 'ForceSubjectIdentifier':
      return isForced(command.data, state)
        ? []
        : [{ type: 'SubjectIdentifierForced', data: { ...command.data, forcedAt: at } }];
    default:
      return assertNever(command);
  }
}

function isForced(
  { clientId, clientIncarnation, identifier }: ForcedIdentifier & { clientId: string },
  { forced }: Subject,
): boolean {
  const current = forced.get(clientId);
  return current?.clientIncarnation === clientIncarnation && current.identifier === identifier;
}

/** Ids are subject hashes. */
export const subject: Decider<SubjectCommand, Subject, SubjectEvent> = {
  streamOf: (subjectHash) => streamName('subject', subjectHash),
  initial: () => ({ keyId: undefined, forced: new Map() }),
  decide,
  evolve,
};
