import { DomainError } from '../refusals.js';
import { type Decider, type EventSchemas, type Timestamp, assertNever, streamName } from '../shared.js';
import {
  type AuthorizationRequest,
  type LoginRemarks,
  type PersonalRequest,
  type Rejection,
  personalRequestMembers,
} from './authorization-request.js';

type LoginRequestedData = PersonalRequest & {
  readonly challenge: string;
  readonly clientId: string;
  readonly clientIncarnation: number;
  readonly requestedAt: Timestamp;
  readonly verifierHash: string;
  readonly csrfHash: string;
  readonly request: AuthorizationRequest;
  /** The remembered login session the request rests on (`skip`), `null` when the person is to be asked. */
  readonly session: { readonly sessionId: string; readonly authenticatedAt: Timestamp } | null;
  /** Present with a session only. */
  readonly subjectHash?: string;
  readonly subject?: string;
};

/** What the login app says of the person who logged in. */
export type LoginAcceptance = LoginRemarks & {
  readonly subject: string;
  readonly remember: boolean;
  /** 0: until the browser closes; less: 30 days (D16). */
  readonly rememberForSeconds: number;
  readonly acr: string;
  /** What this client is to know the person by; `''` for what it knows them by anyway. */
  readonly forceSubjectIdentifier: string;
};

type Accepted = LoginAcceptance & { readonly subjectHash: string; readonly authenticatedAt: Timestamp };

export type LoginEvent =
  | { type: 'LoginRequested'; data: LoginRequestedData }
  | { type: 'LoginAccepted'; data: Accepted & { challenge: string; acceptedAt: Timestamp } }
  | { type: 'LoginRejected'; data: { challenge: string; rejection: Rejection; rejectedAt: Timestamp } }
  | { type: 'LoginVerifierRedeemed'; data: { challenge: string; redeemedAt: Timestamp } };

export const loginEventSchemas: EventSchemas<LoginEvent> = {
  LoginRequested: { version: 1, personal: ['subject', ...personalRequestMembers] },
  LoginAccepted: { version: 1, personal: ['subject', 'forceSubjectIdentifier', 'context'] },
  LoginRejected: { version: 1, personal: ['rejection'] },
  LoginVerifierRedeemed: { version: 1 },
};

export type LoginCommand = { now: Date } & (
  | { type: 'RequestLogin'; data: Omit<LoginRequestedData, 'requestedAt'> }
  | { type: 'AcceptLogin'; data: LoginAcceptance & { subjectHash: string } }
  | { type: 'RejectLogin'; data: { rejection: Rejection } }
  | { type: 'RedeemLoginVerifier' }
);

export type LoginDecision = ({ outcome: 'accepted' } & Accepted) | { outcome: 'rejected'; rejection: Rejection };

export type Login =
  | { status: 'none' }
  | { status: 'requested'; requested: LoginRequestedData }
  | { status: 'decided' | 'redeemed'; requested: LoginRequestedData; decision: LoginDecision };

function evolve(state: Login, event: LoginEvent): Login {
  if (event.type === 'LoginRequested') return { status: 'requested', requested: event.data };
  if (state.status === 'none') return state;
  const { requested } = state;
  switch (event.type) {
    case 'LoginAccepted':
      return { status: 'decided', requested, decision: { outcome: 'accepted', ...event.data } };
    case 'LoginRejected':
      return { status: 'decided', requested, decision: { outcome: 'rejected', rejection: event.data.rejection } };
    case 'LoginVerifierRedeemed':
      return state.status === 'requested' ? state : { ...state, status: 'redeemed' };
    default:
      return assertNever(event);
  }
}

/**
 * Decides what a command changes. A request is decided once (admin-api.md 1.13, SQL), and its verifier redeemed once.
 *
 * @throws DomainError `login_request_exists` | `login_request_not_found` | `login_request_handled` | `login_subject_mismatch` (skip, and the app accepted
 *   somebody else) | `login_verifier_unknown` (not decided yet) | `login_verifier_used`
 */
function decide(command: LoginCommand, state: Login): LoginEvent[] {
  const at = command.now.toISOString();
  if (command.type === 'RequestLogin') {
    if (state.status !== 'none')
      throw new DomainError('login_request_exists', 'there is a login request with this challenge already');
    return [{ type: 'LoginRequested', data: { ...command.data, requestedAt: at } }];
  }
  if (state.status === 'none')
    throw new DomainError('login_request_not_found', 'there is no login request with this challenge');
  const { challenge } = state.requested;
  switch (command.type) {
    case 'AcceptLogin':
      return [{ type: 'LoginAccepted', data: { challenge, acceptedAt: at, ...acceptance(command.data, state, at) } }];
    case 'RejectLogin':
      refuseHandled(state);
      return [{ type: 'LoginRejected', data: { challenge, rejection: command.data.rejection, rejectedAt: at } }];
    case 'RedeemLoginVerifier':
      if (state.status === 'requested')
        throw new DomainError('login_verifier_unknown', 'the login request was not decided');
      if (state.status === 'redeemed')
        throw new DomainError('login_verifier_used', 'the login verifier was used before');
      return [{ type: 'LoginVerifierRedeemed', data: { challenge, redeemedAt: at } }];
    default:
      return assertNever(command);
  }
}

/** With a session the time of authentication is the session's, and `remember` is forced to false (admin-api.md 2.14). */
function acceptance(
  data: LoginAcceptance & { subjectHash: string },
  state: Exclude<Login, { status: 'none' }>,
  now: Timestamp,
): Accepted {
  const { session, subject } = state.requested;
  if (session !== null && subject !== data.subject) {
    throw new DomainError(
      'login_subject_mismatch',
      'the accepted subject is not the one of the remembered login session',
    );
  }
  refuseHandled(state);
  if (session === null) return { ...data, authenticatedAt: now };
  return { ...data, authenticatedAt: session.authenticatedAt, remember: false };
}

function refuseHandled(state: Login): void {
  if (state.status !== 'requested')
    throw new DomainError('login_request_handled', 'the login request was handled before');
}

/** Ids are login challenges. */
export const login: Decider<LoginCommand, Login, LoginEvent> = {
  streamOf: (challenge) => streamName('login', challenge),
  initial: () => ({ status: 'none' }),
  decide,
  evolve,
};
