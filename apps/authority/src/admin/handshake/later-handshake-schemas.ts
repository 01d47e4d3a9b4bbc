import {
  type Schema,
  answerModel,
  described,
  listOf,
  ref,
  requestModel,
  text,
  texts,
  time,
} from '../../openapi/schema.js';
import { acceptConsentMembers, acceptLoginMembers, handshakeSchemas, rejectionMembers } from './handshake-schemas.js';

const anything = described({}, 'Any JSON, at most 256 KiB.');
const laterLogin = { context: anything, amr: described(texts, 'How the person was authenticated (RFC 8176).') };
const handledAt = { handled_at: described(time, 'Not used: the server has its own time.') };
const consentSession = acceptConsentMembers['session'] ?? {};

/** Login and consent where later generations differ from rc.8 (admin-api.md 4.2). */
export const laterHandshakeSchemas: Readonly<Record<string, Schema>> = {
  AcceptLoginRequestV1: requestModel({ ...acceptLoginMembers, ...laterLogin }, 'refused', ['subject']),
  AcceptLoginRequestV26: requestModel({ ...acceptLoginMembers, ...laterLogin }, 'ignored', ['subject']),
  AcceptConsentRequestV1: requestModel({ ...acceptConsentMembers, ...handledAt }, 'refused'),
  AcceptConsentRequestV26: requestModel(
    { ...acceptConsentMembers, context: anything, session: { ...consentSession, additionalProperties: true } },
    'ignored',
  ),
  RejectRequestV26: requestModel(rejectionMembers, 'ignored'),
  ...consentModels('V1'),
  ...consentModels('V26', { consent_request_id: described(text, 'The challenge.') }, { context: anything }),
  LoginRequestV1: extended('LoginRequest', { client: ref('OAuth2ClientV1') }),
  LoginRequestV26: extended('LoginRequest', { client: ref('OAuth2ClientV26') }),
};

/** Consent requests and sessions, with members that this generation has besides. */
function consentModels(
  suffix: 'V1' | 'V26',
  identified: Readonly<Record<string, Schema>> = {},
  kept: Readonly<Record<string, Schema>> = {},
): Record<string, Schema> {
  const request = { client: ref(`OAuth2Client${suffix}`), amr: texts, ...identified };
  const session = { consent_request: ref(`ConsentRequest${suffix}`), handled_at: time, ...identified };
  return {
    [`ConsentRequest${suffix}`]: extended('ConsentRequest', request, { context: anything }),
    [`PreviousConsentSession${suffix}`]: extended('PreviousConsentSession', session, kept),
    [`ConsentSessions${suffix}`]: listOf(ref(`PreviousConsentSession${suffix}`)),
  };
}

/** An answer model with more that it always has, and more that it may have. */
function extended(
  name: string,
  members: Readonly<Record<string, Schema>>,
  omittedWhenEmpty: Readonly<Record<string, Schema>> = {},
): Schema {
  const { properties, required } = handshakeSchemas[name] as { properties: Record<string, Schema>; required: string[] };
  const always = Object.fromEntries(required.map((member) => [member, properties[member] ?? {}]));
  return answerModel({ ...always, ...members }, omittedWhenEmpty);
}
