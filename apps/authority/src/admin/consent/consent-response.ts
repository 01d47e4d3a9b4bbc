import { type ConsentRequestView, type ConsentSessionView, goJson } from '#libs/read-model';
import { type Generation } from '../../http/generation.js';
import { requestJson } from '../handshake/handshake-response.js';

/** `ConsentRequest` (admin-api.md 3.6); below `/admin` also under its later name. */
export function consentRequestJson(request: ConsentRequestView, generation: Generation): string {
  return requestJson(request, {
    login_challenge: request.loginChallenge,
    login_session_id: request.loginSessionId,
    acr: request.acr,
    ...(generation === 'v26.2' ? { consent_request_id: request.challenge } : {}),
  });
}

/** `PreviousConsentSession` (admin-api.md 3.12). */
export function consentSessionJson(session: ConsentSessionView, generation: Generation): string {
  const { accessToken, idToken } = session.session;
  return `{${[
    `"grant_scope":${goJson(session.grantScope)}`,
    `"grant_access_token_audience":${goJson(session.grantAudience)}`,
    `"session":${goJson({ access_token: accessToken, id_token: idToken })}`,
    `"remember":${session.remember}`,
    `"remember_for":${session.rememberForSeconds}`,
    `"consent_request":${consentRequestJson(session.consentRequest, generation)}`,
    ...(generation === 'v26.2' ? [`"consent_request_id":${goJson(session.consentRequest.challenge)}`] : []),
  ].join(',')}}`;
}
