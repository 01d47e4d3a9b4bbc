import { type ConsentRequestView, type ConsentSessionView, goJson } from '#libs/read-model';

/** `ConsentRequest` (admin-api.md 3.6), the client's current registration spliced in. */
export function consentRequestJson(request: ConsentRequestView): string {
  return [
    `{"challenge":${goJson(request.challenge)}`,
    `"requested_scope":${goJson(request.requestedScope)}`,
    `"requested_access_token_audience":${goJson(request.requestedAudience)}`,
    `"skip":${request.skip}`,
    `"subject":${goJson(request.subject)}`,
    `"oidc_context":${goJson(request.oidcContext)}`,
    `"client":${request.clientJson}`,
    `"request_url":${goJson(request.requestUrl)}`,
    `"login_challenge":${goJson(request.loginChallenge)}`,
    `"login_session_id":${goJson(request.loginSessionId)}`,
    `"acr":${goJson(request.acr)}}`,
  ].join(',');
}

/** `PreviousConsentSession` (admin-api.md 3.12). */
export function consentSessionJson(session: ConsentSessionView): string {
  const { accessToken, idToken } = session.session;
  return [
    `{"grant_scope":${goJson(session.grantScope)}`,
    `"grant_access_token_audience":${goJson(session.grantAudience)}`,
    `"session":${goJson({ access_token: accessToken, id_token: idToken })}`,
    `"remember":${session.remember}`,
    `"remember_for":${session.rememberForSeconds}`,
    `"consent_request":${consentRequestJson(session.consentRequest)}}`,
  ].join(',');
}
