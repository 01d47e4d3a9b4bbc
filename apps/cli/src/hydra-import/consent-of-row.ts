import { type Row } from './dump-rows.js';
import { jsonIn, listIn, objectIn, timeIn } from './row-values.js';

/** A consent as the import takes it (docs/adr/0018). */
export type ConsentJson = Readonly<Record<string, unknown>> & { readonly challenge: string };

/** Tables in which consents are up to v1.11: what was asked, and what was decided. */
export const requestTable = 'hydra_oauth2_consent_request';
export const decisionTable = 'hydra_oauth2_consent_request_handled';
/** The table that flows are in since v2. */
export const flowTable = 'hydra_oauth2_flow';

/** States of a flow whose consent was given; since v26 a finished one has none. */
const given: readonly (string | null | undefined)[] = ['5', '6', null, undefined];

/** Whether a request may have led to a remembered consent: it skipped none itself. */
export function isAsked(row: Row): boolean {
  return row['skip'] === 'f';
}

export function isRemembered(row: Row): boolean {
  return row['remember'] === 't' && isNoError(row['error']);
}

/** Whether a flow ended with a consent that Hydra remembers. */
export function isRememberedFlow(row: Row): boolean {
  return (
    given.includes(row['state']) &&
    row['consent_skip'] === 'f' &&
    row['consent_remember'] === 't' &&
    isNoError(row['consent_error'])
  );
}

function isNoError(text: string | null | undefined): boolean {
  return text === undefined || text === null || text === '' || text === '{}' || text === 'null';
}

/** Whether Hydra does not remember it any more at this time. */
export function isOver({ requested_at: requestedAt, remember_for: seconds }: ConsentJson, now: Date): boolean {
  if (typeof seconds !== 'number' || seconds <= 0) return false;
  return new Date(String(requestedAt)).getTime() + seconds * 1000 < now.getTime();
}

/** @throws Refusal for rows whose JSON is none */
export function consentOfRows(request: Row, decision: Row): ConsentJson {
  const requestedAt = request['requested_at'] ?? decision['requested_at'] ?? '';
  return consentOf(request, {
    challenge: request['challenge'] ?? '',
    rememberFor: decision['remember_for'],
    requestedAt: decision['requested_at'] ?? requestedAt, // what Hydra counts the time from
    handledAt: decision['handled_at'] ?? decision['requested_at'] ?? requestedAt,
    authenticatedAt: decision['authenticated_at'] ?? request['authenticated_at'],
    granted: decision,
  });
}

/** @throws Refusal for rows whose JSON is none */
export function consentOfFlow(flow: Row): ConsentJson {
  return consentOf(flow, {
    challenge: flow['consent_challenge_id'] ?? '',
    rememberFor: flow['consent_remember_for'],
    requestedAt: flow['requested_at'] ?? '',
    handledAt: flow['consent_handled_at'] ?? flow['requested_at'] ?? '',
    authenticatedAt: flow['login_authenticated_at'],
    granted: flow,
  });
}

type Decided = {
  readonly challenge: string;
  readonly rememberFor: string | null | undefined;
  readonly requestedAt: string;
  readonly handledAt: string;
  readonly authenticatedAt: string | null | undefined;
  readonly granted: Row;
};

function consentOf(asked: Row, decided: Decided): ConsentJson {
  const { challenge, granted, authenticatedAt } = decided;
  const context = asked['context'] ?? '{}';
  return {
    ...{ challenge, client_id: asked['client_id'] ?? '', subject: asked['subject'] ?? '' },
    force_subject_identifier: asked['forced_subject_identifier'] ?? '',
    ...{ request_url: asked['request_url'] ?? '', login_challenge: asked['login_challenge'] ?? '' },
    ...{ acr: asked['acr'] ?? '', amr: listIn('amr', asked['amr']) },
    requested_scope: listIn('requested_scope', asked['requested_scope']),
    requested_access_token_audience: listIn('requested_at_audience', asked['requested_at_audience']),
    oidc_context: objectIn('oidc_context', asked['oidc_context']),
    grant_scope: listIn('granted_scope', granted['granted_scope']),
    grant_access_token_audience: listIn('granted_at_audience', granted['granted_at_audience']),
    session: {
      access_token: objectIn('session_access_token', granted['session_access_token']),
      id_token: objectIn('session_id_token', granted['session_id_token']),
    },
    remember_for: Number(decided.rememberFor ?? 0),
    requested_at: timeIn(decided.requestedAt),
    handled_at: timeIn(decided.handledAt),
    ...(authenticatedAt === null || authenticatedAt === undefined ? {} : { authenticated_at: timeIn(authenticatedAt) }),
    ...(['', '{}', 'null'].includes(context) ? {} : { context: jsonIn('context', context) }),
  };
}
