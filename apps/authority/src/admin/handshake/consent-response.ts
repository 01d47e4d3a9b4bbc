import { type JsonObject } from '#libs/domain';
import { goJson } from '#libs/oauth2';
import { type ConsentRequestView, type ConsentSessionView } from '#libs/read-model';
import { type RequestWire, requestJson } from './handshake-response.js';

/** What the answers about consents differ in, from generation to generation. */
export type ConsentWire = RequestWire & {
  /** What a consent request has besides. */
  consentRequestMembers(request: ConsentRequestView): JsonObject;
  /** What a consent in the list of a subject has besides. */
  consentSessionMembers(session: ConsentSessionView): JsonObject;
};

/** `ConsentRequest` (admin-api.md 3.6). */
export function consentRequestJson(request: ConsentRequestView, wire: ConsentWire): string {
  return requestJson(request, wire, {
    login_challenge: request.loginChallenge,
    login_session_id: request.loginSessionId,
    acr: request.acr,
    ...wire.consentRequestMembers(request),
  });
}

/** `PreviousConsentSession` (admin-api.md 3.12). */
export function consentSessionJson(session: ConsentSessionView, wire: ConsentWire): string {
  const { accessToken, idToken } = session.session;
  return `{${[
    `"grant_scope":${goJson(session.grantScope)}`,
    `"grant_access_token_audience":${goJson(session.grantAudience)}`,
    `"session":${goJson({ access_token: accessToken, id_token: idToken })}`,
    `"remember":${session.remember}`,
    `"remember_for":${session.rememberForSeconds}`,
    `"consent_request":${consentRequestJson(session.consentRequest, wire)}`,
    ...Object.entries(wire.consentSessionMembers(session)).map(([name, value]) => `"${name}":${goJson(value)}`),
  ].join(',')}}`;
}
