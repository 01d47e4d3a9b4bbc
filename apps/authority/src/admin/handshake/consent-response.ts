import { type Json, type JsonObject } from '#libs/domain';
import { goJson } from '#libs/oauth2';
import { type ConsentRequestView, type ConsentSessionView } from '#libs/read-model';
import { type Generation } from '../generations/generation.js';
import { requestJson } from './handshake-response.js';

/** `ConsentRequest` (admin-api.md 3.6); in later generations with what the login app said, below `/admin` also under its later name. */
export function consentRequestJson(request: ConsentRequestView, generation: Generation): string {
  return requestJson(request, generation, {
    login_challenge: request.loginChallenge,
    login_session_id: request.loginSessionId,
    acr: request.acr,
    ...(generation === 'rc.8' ? {} : { amr: request.amr, ...contextMember(request.context) }),
    ...(generation === 'v26.2' ? { consent_request_id: request.challenge } : {}),
  });
}

/**
 * `PreviousConsentSession` (admin-api.md 3.12); `context` is what the consent app kept, or else the login app handed on (4.2).
 */
export function consentSessionJson(session: ConsentSessionView, generation: Generation): string {
  const { accessToken, idToken } = session.session;
  const { context = session.consentRequest.context } = session;
  const later = {
    ...(generation === 'rc.8' ? {} : { handled_at: session.handledAt }),
    ...(generation === 'v26.2'
      ? { ...contextMember(context), consent_request_id: session.consentRequest.challenge }
      : {}),
  };
  return `{${[
    `"grant_scope":${goJson(session.grantScope)}`,
    `"grant_access_token_audience":${goJson(session.grantAudience)}`,
    `"session":${goJson({ access_token: accessToken, id_token: idToken })}`,
    `"remember":${session.remember}`,
    `"remember_for":${session.rememberForSeconds}`,
    `"consent_request":${consentRequestJson(session.consentRequest, generation)}`,
    ...Object.entries(later).map(([name, value]) => `"${name}":${goJson(value)}`),
  ].join(',')}}`;
}

function contextMember(context: Json | undefined): JsonObject {
  return context === undefined ? {} : { context };
}
