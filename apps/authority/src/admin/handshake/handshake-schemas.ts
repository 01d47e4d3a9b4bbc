import { ok } from '../../openapi/operation.js';
import { maxRememberForSeconds } from './remember-for.js';
import {
  type Schema,
  answerModel,
  described,
  flag,
  freeForm,
  integer,
  listOf,
  ref,
  requestModel,
  text,
  texts,
} from '../../openapi/schema.js';

const rememberForSeconds = { ...integer, minimum: -maxRememberForSeconds, maximum: maxRememberForSeconds };
const grants = { type: 'array', items: { type: ['string', 'null'] } };

/** What login and consent requests have in common (admin-api.md 3.5). */
const request: Record<string, Schema> = {
  challenge: text,
  requested_scope: texts,
  requested_access_token_audience: texts,
  skip: flag,
  subject: text,
  oidc_context: ref('OpenIDConnectContext'),
  client: ref('OAuth2Client'),
  request_url: text,
};

/** Members of `AcceptLoginRequest` (admin-api.md 3.8). */
export const acceptLoginMembers: Readonly<Record<string, Schema>> = {
  subject: { type: 'string', minLength: 1, maxLength: 255 },
  remember: flag,
  remember_for: rememberForSeconds,
  acr: text,
  force_subject_identifier: text,
};

/** Members of `AcceptConsentRequest` (admin-api.md 3.9). */
export const acceptConsentMembers: Readonly<Record<string, Schema>> = {
  grant_scope: grants,
  grant_access_token_audience: grants,
  session: requestModel({ access_token: freeForm, id_token: freeForm }, 'refused'),
  remember: flag,
  remember_for: rememberForSeconds,
};

/** Members of `RejectRequest` (admin-api.md 3.10). */
export const rejectionMembers: Readonly<Record<string, Schema>> = {
  error: text,
  error_description: text,
  error_hint: text,
  status_code: { type: 'integer', format: 'int32' },
  error_debug: text,
};

/** Login and consent (admin-api.md 3.5 to 3.13). */
export const handshakeSchemas: Readonly<Record<string, Schema>> = {
  LoginRequest: answerModel({ ...request, session_id: text }),
  ConsentRequest: answerModel({ ...request, login_challenge: text, login_session_id: text, acr: text }),
  OpenIDConnectContext: answerModel(
    {},
    { acr_values: texts, ui_locales: texts, display: text, login_hint: text, id_token_hint_claims: freeForm },
  ),
  CompletedRequest: answerModel({ redirect_to: described(text, 'Where the browser goes next.') }),
  AcceptLoginRequest: requestModel(acceptLoginMembers, 'refused', ['subject']),
  AcceptConsentRequest: requestModel(acceptConsentMembers, 'refused'),
  RejectRequest: requestModel(rejectionMembers, 'refused'),
  ConsentRequestSession: answerModel({ access_token: freeForm, id_token: freeForm }),
  PreviousConsentSession: answerModel({
    grant_scope: texts,
    grant_access_token_audience: texts,
    session: ref('ConsentRequestSession'),
    remember: flag,
    remember_for: integer,
    consent_request: ref('ConsentRequest'),
  }),
  ConsentSessions: listOf(ref('PreviousConsentSession')),
};

/** What a decision is answered with. */
export const completed = ok(ref('CompletedRequest'), 'Where to send the browser');

/** What GET answers to later generations once the verifier was redeemed. */
export const usedRequest = {
  description: 'It was used: where the browser can begin anew',
  schema: ref('CompletedRequest'),
};
