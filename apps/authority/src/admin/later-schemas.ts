import {
  acceptConsentMembers,
  acceptLoginMembers,
  handshakeSchemas,
  rejectionMembers,
} from './handshake/handshake-schemas.js';
import { extendedClientSchemas } from './clients/client-schemas.js';
import { keySchemas } from './keys/key-schemas.js';
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
} from '../openapi/schema.js';
import { introspectedMembers } from './tokens/token-schemas.js';

const anything = described({}, 'Any JSON, at most 256 KiB.');
const laterLogin = { context: anything, amr: described(texts, 'How the person was authenticated (RFC 8176).') };
const handledAt = { handled_at: described(time, 'Not used: the server has its own time.') };
const consentSession = acceptConsentMembers['session'] ?? {};

/**
 * What models are in later generations where they differ from rc.8 (admin-api.md 4.2), under the name of rc.8 with a suffix: `V1` for
 * v1.11, `V26` for v26.2.
 */
export const laterSchemas: Readonly<Record<string, Schema>> = {
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
  OAuth2ClientV1: extendedClientSchemas.client,
  OAuth2ClientV26: extendedClientSchemas.client,
  RegisteredOAuth2ClientV26: extendedClientSchemas.registered,
  OAuth2ClientRegistrationV26: extendedClientSchemas.registration,
  JsonWebKeySetGeneratorRequestV26: generatorRequest(),
  OAuth2TokenIntrospectionV26: laterIntrospection(),
  JsonPatch: {
    type: 'array',
    maxItems: 1000,
    items: {
      type: 'object',
      required: ['op', 'path'],
      properties: {
        op: { enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
        path: described(text, 'A JSON Pointer (RFC 6901).'),
        from: described(text, 'A JSON Pointer, of move and copy.'),
        value: described({}, 'Of add, replace and test.'),
      },
    },
  },
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

function generatorRequest(): Schema {
  const { properties, ...rest } = keySchemas['JsonWebKeySetGeneratorRequest'] as { properties: Record<string, Schema> };
  const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
  const alg = { enum: [...rsa, 'ES256', 'ES384', 'ES512', 'EdDSA'], type: 'string' };
  const kid = described({ ...text, maxLength: 255 }, 'Generated (UUIDv4) when absent.');
  const use = described(properties['use'] ?? {}, 'sig when absent.');
  return { ...rest, properties: { ...properties, alg, kid, use } };
}

/** Of an active token more is always there; `exp` is absent from one that never expires. */
function laterIntrospection(): Schema {
  const members = {
    ...introspectedMembers,
    nbf: described({ type: 'integer', format: 'int64' }, 'The same as iat.'),
    token_type: { const: 'Bearer' },
    token_use: { enum: ['access_token', 'refresh_token'] },
  };
  return {
    ...answerModel({ active: { type: 'boolean' } }, members),
    if: { properties: { active: { const: true } } },
    then: { required: ['client_id', 'iat', 'nbf', 'aud', 'iss', 'token_type', 'token_use'] },
    else: { maxProperties: 1 },
    description: 'RFC 7662 section 2.2. Of a token that is not active, only that.',
  };
}
