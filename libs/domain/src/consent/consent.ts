import {
  type AuthorizationRequest,
  type LoginRemarks,
  type PersonalRequest,
  type Rejection,
  personalRequestMembers,
} from '../login/authorization-request.js';
import { DomainError } from '../refusals.js';
import {
  type Decider,
  type EventSchemas,
  type Json,
  type JsonObject,
  type Origin,
  type Timestamp,
  assertNever,
  streamName,
} from '../shared.js';

export type ConsentRequestedData = PersonalRequest &
  LoginRemarks &
  Origin & {
    readonly challenge: string;
    readonly loginChallenge: string;
    /** The session that skipped the login; `null` when the person just logged in, also when that login is remembered. */
    readonly loginSessionId: string | null;
    readonly clientId: string;
    readonly clientIncarnation: number;
    /** Copied from the login request: one time limit covers both (admin-api.md 1.13). */
    readonly requestedAt: Timestamp;
    readonly verifierHash: string;
    readonly csrfHash: string;
    readonly request: AuthorizationRequest;
    /** The challenge of the remembered consent that makes this one a `skip`; the request dies with it while undecided. */
    readonly rememberedConsent: string | null;
    readonly subjectHash: string;
    readonly subject: string;
    /** `sub` for this client: the subject itself, its pairwise or a forced identifier (oauth2-flows.md 2.11). */
    readonly subjectIdentifier: string;
    readonly authenticatedAt: Timestamp;
    readonly acr: string;
  };

/** What the consent app put into the session: `ext` of introspection, and extra claims of ID token and userinfo. */
export type ConsentSession = { readonly accessToken: JsonObject; readonly idToken: JsonObject };

/** What the consent app grants in the person's name. */
export type ConsentAcceptance = {
  readonly grantScope: readonly string[];
  readonly grantAudience: readonly string[];
  readonly remember: boolean;
  /** From the login request's creation on; 0 and less: for ever. */
  readonly rememberForSeconds: number;
  readonly session: ConsentSession;
  /** What a consent app of a later API generation keeps with its consent; absent where it keeps nothing. */
  readonly context?: Json;
};

export type ConsentEvent =
  | { type: 'ConsentRequested'; data: ConsentRequestedData }
  | {
      type: 'ConsentAccepted';
      data: ConsentAcceptance & { challenge: string; subjectHash: string; acceptedAt: Timestamp };
    }
  | {
      type: 'ConsentRejected';
      data: { challenge: string; subjectHash: string; rejection: Rejection; rejectedAt: Timestamp };
    }
  | { type: 'ConsentVerifierRedeemed'; data: { challenge: string; subjectHash: string; redeemedAt: Timestamp } };

export const consentEventSchemas: EventSchemas<ConsentEvent> = {
  ConsentRequested: { version: 1, personal: ['subject', 'subjectIdentifier', 'context', ...personalRequestMembers] },
  ConsentAccepted: { version: 1, personal: ['session', 'context'] },
  ConsentRejected: { version: 1, personal: ['rejection'] },
  ConsentVerifierRedeemed: { version: 1 },
};

export type ConsentCommand = { now: Date } & (
  | { type: 'RequestConsent'; data: ConsentRequestedData }
  | {
      type: 'ImportConsent';
      data: { requested: ConsentRequestedData; accepted: ConsentAcceptance; acceptedAt: Timestamp };
    }
  | { type: 'AcceptConsent'; data: ConsentAcceptance }
  | { type: 'RejectConsent'; data: { rejection: Rejection } }
  | { type: 'RedeemConsentVerifier' }
);

export type ConsentDecision =
  ({ outcome: 'accepted' } & ConsentAcceptance) | { outcome: 'rejected'; rejection: Rejection };

export type Consent =
  | { status: 'none' }
  | { status: 'requested'; requested: ConsentRequestedData }
  | { status: 'decided' | 'redeemed'; requested: ConsentRequestedData; decision: ConsentDecision };

function evolve(state: Consent, event: ConsentEvent): Consent {
  if (event.type === 'ConsentRequested') return { status: 'requested', requested: event.data };
  if (state.status === 'none') return state;
  const { requested } = state;
  switch (event.type) {
    case 'ConsentAccepted':
      return { status: 'decided', requested, decision: { outcome: 'accepted', ...event.data } };
    case 'ConsentRejected':
      return { status: 'decided', requested, decision: { outcome: 'rejected', rejection: event.data.rejection } };
    case 'ConsentVerifierRedeemed':
      return state.status === 'requested' ? state : { ...state, status: 'redeemed' };
    default:
      return assertNever(event);
  }
}

/**
 * Decides what a command changes. Until the verifier is redeemed the last decision wins; afterwards deciding again changes
 * nothing (admin-api.md 1.13, SQL). A consent that was given elsewhere comes once, whatever became of it here.
 *
 * @throws DomainError `consent_request_exists` | `consent_request_not_found` | `consent_verifier_unknown` (not decided yet) | `consent_verifier_used`
 */
function decide(command: ConsentCommand, state: Consent): ConsentEvent[] {
  if (command.type === 'RequestConsent') {
    if (state.status !== 'none')
      throw new DomainError('consent_request_exists', 'there is a consent request with this challenge already');
    return [{ type: 'ConsentRequested', data: command.data }];
  }
  if (command.type === 'ImportConsent') return state.status === 'none' ? importedBy(command.data) : [];
  if (state.status === 'none')
    throw new DomainError('consent_request_not_found', 'there is no consent request with this challenge');
  const at = command.now.toISOString();
  const { challenge, subjectHash } = state.requested;
  switch (command.type) {
    case 'AcceptConsent':
      if (state.status === 'redeemed') return [];
      return [{ type: 'ConsentAccepted', data: { challenge, subjectHash, acceptedAt: at, ...command.data } }];
    case 'RejectConsent':
      if (state.status === 'redeemed') return [];
      return [
        {
          type: 'ConsentRejected',
          data: { challenge, subjectHash, rejectedAt: at, rejection: command.data.rejection },
        },
      ];
    case 'RedeemConsentVerifier':
      if (state.status === 'requested')
        throw new DomainError('consent_verifier_unknown', 'the consent request was not decided');
      if (state.status === 'redeemed')
        throw new DomainError('consent_verifier_used', 'the consent verifier was used before');
      return [{ type: 'ConsentVerifierRedeemed', data: { challenge, subjectHash, redeemedAt: at } }];
    default:
      return assertNever(command);
  }
}

function importedBy({
  requested,
  accepted,
  acceptedAt,
}: Extract<ConsentCommand, { type: 'ImportConsent' }>['data']): ConsentEvent[] {
  const { challenge, subjectHash } = requested;
  return [
    { type: 'ConsentRequested', data: { ...requested, importedFrom: 'hydra' } },
    { type: 'ConsentAccepted', data: { challenge, subjectHash, acceptedAt, ...accepted } },
  ];
}

/** Ids are consent challenges. */
export const consent: Decider<ConsentCommand, Consent, ConsentEvent> = {
  streamOf: (challenge) => streamName('consent', challenge),
  initial: () => ({ status: 'none' }),
  decide,
  evolve,
};
