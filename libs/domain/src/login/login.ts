import { DomainError } from '../refusals.js';
import {
  type Decider,
  type EventSchemas,
  type EventUpcasters,
  type Timestamp,
  assertNever,
  streamName,
} from '../shared.js';
import {
  type AuthorizationRequest,
  type LoginRemarks,
  type PersonalRequest,
  type Rejection,
  personalRequestMembers,
} from './authorization-request.js';

/** What a client asks for in a browser. */
export type LoginRequest = PersonalRequest & {
  /** Names the request and its stream. */
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

/** A request that is in no log: its challenge holds it until it is decided. `challengeText` is what the login app saw. */
export type AskedLogin = LoginRequest & { readonly challengeText: string };

/** What a decision records with it of the request it is about; nothing where that is an event of its own, as all were once. */
type Asked = Omit<AskedLogin, 'challenge' | 'subjectHash' | 'subject'>;
type AskedApart = { readonly request: null };

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

type AcceptedData = Accepted & { readonly challenge: string; readonly acceptedAt: Timestamp };

/** The person is known with a session only. */
type RejectedData = Pick<LoginRequest, 'challenge' | 'subjectHash' | 'subject'> & {
  readonly rejection: Rejection;
  readonly rejectedAt: Timestamp;
};

/** `LoginRequested` is not written any more. */
export type LoginEvent =
  | { type: 'LoginRequested'; data: LoginRequest }
  | { type: 'LoginAccepted'; data: AcceptedData & (Asked | AskedApart) }
  | { type: 'LoginRejected'; data: RejectedData & (Asked | AskedApart) }
  | { type: 'LoginVerifierRedeemed'; data: { challenge: string; redeemedAt: Timestamp } };

const personalAsked = ['subject', 'challengeText', ...personalRequestMembers] as const;

export const loginEventSchemas: EventSchemas<LoginEvent> = {
  LoginRequested: { version: 1, personal: ['subject', ...personalRequestMembers] },
  LoginAccepted: { version: 2, personal: [...personalAsked, 'forceSubjectIdentifier', 'context'] },
  LoginRejected: { version: 2, personal: [...personalAsked, 'rejection'] },
  LoginVerifierRedeemed: { version: 1 },
};

/** Decisions of the first version are about a `LoginRequested` in front of them. */
export const loginUpcasters: EventUpcasters = {
  LoginAccepted: { 1: (data) => ({ ...data, request: null }) },
  LoginRejected: { 1: (data) => ({ ...data, request: null }) },
};

/** `asked`: what the challenge holds, where it holds something. */
export type LoginCommand = { now: Date } & (
  | { type: 'AcceptLogin'; data: LoginAcceptance & { subjectHash: string }; asked?: AskedLogin | undefined }
  | { type: 'RejectLogin'; data: { rejection: Rejection }; asked?: AskedLogin | undefined }
  | { type: 'RedeemLoginVerifier' }
);

export type LoginDecision = ({ outcome: 'accepted' } & Accepted) | { outcome: 'rejected'; rejection: Rejection };

/** `erased`: it was decided, and whom it was about is not known any more. */
export type Login =
  | { status: 'none' | 'erased' }
  | { status: 'requested'; requested: LoginRequest }
  | { status: 'decided' | 'redeemed'; requested: LoginRequest; decision: LoginDecision };

function evolve(state: Login, event: LoginEvent): Login {
  switch (event.type) {
    case 'LoginRequested':
      return { status: 'requested', requested: event.data };
    case 'LoginAccepted':
      return decided(state, event, { outcome: 'accepted', ...acceptedOf(event.data) });
    case 'LoginRejected':
      return decided(state, event, { outcome: 'rejected', rejection: event.data.rejection });
    case 'LoginVerifierRedeemed':
      return state.status === 'decided' ? { ...state, status: 'redeemed' } : state;
    default:
      return assertNever(event);
  }
}

function decided(
  state: Login,
  { data }: Extract<LoginEvent, { type: 'LoginAccepted' | 'LoginRejected' }>,
  decision: LoginDecision,
): Login {
  if (isErased(data)) return { status: 'erased' };
  if (data.request === null)
    return 'requested' in state ? { status: 'decided', requested: state.requested, decision } : state;
  return { status: 'decided', requested: requestedWith(data), decision };
}

/** Whether the personal members of a decision are gone; every one has some that it cannot be without. */
export function isErased(data: Extract<LoginEvent, { type: 'LoginAccepted' | 'LoginRejected' }>['data']): boolean {
  const { subject, rejection } = data as { subject?: unknown; rejection?: unknown };
  return 'acceptedAt' in data ? subject === undefined : rejection === undefined;
}

function acceptedOf(data: AcceptedData): Accepted {
  const { subject, subjectHash, authenticatedAt, remember, rememberForSeconds, acr, forceSubjectIdentifier } = data;
  const { amr, context } = data;
  return {
    ...{ subject, subjectHash, authenticatedAt, remember, rememberForSeconds, acr, forceSubjectIdentifier },
    ...(amr === undefined ? {} : { amr }),
    ...(context === undefined ? {} : { context }),
  };
}

/**
 * Decides what a command changes. A request is decided once (admin-api.md 1.13, SQL), and its verifier redeemed once.
 *
 * @throws DomainError `login_request_not_found` | `login_request_handled` | `login_subject_mismatch` (skip, and the app accepted
 *   somebody else) | `login_verifier_unknown` (not decided yet) | `login_verifier_used`
 */
function decide(command: LoginCommand, state: Login): LoginEvent[] {
  const at = command.now.toISOString();
  if (command.type === 'RedeemLoginVerifier') return redeem(state, at);
  const requested = state.status === 'none' ? command.asked : 'requested' in state ? state.requested : undefined;
  if (requested === undefined) throw notFound();
  const { challenge } = requested;
  const asked = state.status === 'none' && command.asked !== undefined ? askedOf(command.asked) : apart;
  switch (command.type) {
    case 'AcceptLogin': {
      const accepted = acceptance(command.data, requested, at);
      refuseHandled(state);
      return [{ type: 'LoginAccepted', data: { challenge, acceptedAt: at, ...accepted, ...asked } }];
    }
    case 'RejectLogin': {
      refuseHandled(state);
      const { rejection } = command.data;
      const person = asked.request === null ? {} : personOf(requested);
      return [{ type: 'LoginRejected', data: { challenge, rejection, rejectedAt: at, ...person, ...asked } }];
    }
    default:
      return assertNever(command);
  }
}

const apart: AskedApart = { request: null };

function redeem(state: Login, at: Timestamp): LoginEvent[] {
  switch (state.status) {
    case 'none':
    case 'erased':
      throw notFound();
    case 'requested':
      throw new DomainError('login_verifier_unknown', 'the login request was not decided');
    case 'redeemed':
      throw new DomainError('login_verifier_used', 'the login verifier was used before');
    case 'decided':
      return [{ type: 'LoginVerifierRedeemed', data: { challenge: state.requested.challenge, redeemedAt: at } }];
    default:
      return assertNever(state);
  }
}

/** With a session the time of authentication is the session's, and `remember` is forced to false (admin-api.md 2.14). */
function acceptance(
  data: LoginAcceptance & { subjectHash: string },
  { session, subject }: LoginRequest,
  now: Timestamp,
): Accepted {
  if (session === null) return { ...data, authenticatedAt: now };
  if (subject !== data.subject) {
    throw new DomainError(
      'login_subject_mismatch',
      'the accepted subject is not the one of the remembered login session',
    );
  }
  return { ...data, authenticatedAt: session.authenticatedAt, remember: false };
}

function refuseHandled({ status }: Login): void {
  if (status === 'decided' || status === 'redeemed')
    throw new DomainError('login_request_handled', 'the login request was handled before');
}

function notFound(): DomainError {
  return new DomainError('login_request_not_found', 'there is no login request with this challenge');
}

function askedOf({ challenge: _, subjectHash: __, subject: ___, ...asked }: AskedLogin): Asked {
  return asked;
}

function personOf({ subjectHash, subject }: LoginRequest): Pick<LoginRequest, 'subjectHash' | 'subject'> {
  return subjectHash === undefined || subject === undefined ? {} : { subjectHash, subject };
}

/** The request that a decision brought along. Whoever is logged in already is whom it was accepted for. */
function requestedWith(data: (AcceptedData | RejectedData) & Asked): LoginRequest {
  const { challenge, clientId, clientIncarnation, requestedAt, verifierHash, csrfHash, request, session } = data;
  const { requestUrl, oidcContext, state, nonce, idTokenHint } = data;
  return {
    ...{ challenge, clientId, clientIncarnation, requestedAt, verifierHash, csrfHash, request, session },
    ...{ requestUrl, oidcContext, state, nonce, idTokenHint },
    ...(session === null ? {} : personOf(data)),
  };
}

/** Ids are those that challenges have in them, or were. */
export const login: Decider<LoginCommand, Login, LoginEvent> = {
  streamOf: (challenge) => streamName('login', challenge),
  initial: () => ({ status: 'none' }),
  decide,
  evolve,
};
