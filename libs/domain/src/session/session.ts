import { type Decider, type EventSchemas, type Timestamp, assertNever, streamName } from '../shared.js';

/** Why a login session ended; `revoked`: an administrator named it. */
export type EndCause = 'logout' | 'other-login' | 'revoked';

/** A remembered login of one browser. Revocation of all a subject has is on the subject's stream (`SessionRevoked`). */
export type SessionEvent =
  | {
      type: 'SessionStarted';
      data: {
        sessionId: string;
        subjectHash: string;
        subject: string;
        authenticatedAt: Timestamp;
        loginChallenge: string;
        startedAt: Timestamp;
      };
    }
  | { type: 'SessionEnded'; data: { sessionId: string; cause: EndCause; endedAt: Timestamp } };

export const sessionEventSchemas: EventSchemas<SessionEvent> = {
  SessionStarted: { version: 1, personal: ['subject'] },
  SessionEnded: { version: 1 },
};

export type SessionCommand =
  | {
      type: 'StartSession';
      data: {
        sessionId: string;
        subjectHash: string;
        subject: string;
        authenticatedAt: Timestamp;
        loginChallenge: string;
      };
      now: Date;
    }
  | { type: 'EndSession'; data: { sessionId: string; cause: EndCause }; now: Date };

export type Session = { status: 'none' | 'started' | 'ended' };

function evolve(_state: Session, event: SessionEvent): Session {
  return { status: event.type === 'SessionStarted' ? 'started' : 'ended' };
}

/** Decides what a command changes; `[]` when the session is in that state already, or is ended without having been. */
function decide(command: SessionCommand, state: Session): SessionEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'StartSession':
      return state.status === 'none' ? [{ type: 'SessionStarted', data: { ...command.data, startedAt: at } }] : [];
    case 'EndSession':
      return state.status === 'started' ? [{ type: 'SessionEnded', data: { ...command.data, endedAt: at } }] : [];
    default:
      return assertNever(command);
  }
}

/** Ids are session ids. */
export const session: Decider<SessionCommand, Session, SessionEvent> = {
  streamOf: (sessionId) => streamName('session', sessionId),
  initial: () => ({ status: 'none' }),
  decide,
  evolve,
};
