import { acceptConsentMembers, acceptLoginMembers, handshakeSchemas, rejectionMembers } from './handshake-schemas.js';
import { keySchemas } from './key-schemas.js';
import { type Schema, answerModel, described, listOf, ref, requestModel, text, texts, time } from './schema.js';
import { introspectedMembers } from './token-schemas.js';

const laterLogin = {
  context: described({}, 'Accepted, and not kept.'),
  amr: described(texts, 'Accepted, and not kept.'),
};
const laterConsent = { handled_at: described(time, 'Not used: the server has its own time.') };
const consentSession = acceptConsentMembers['session'] ?? {};

/**
 * What models are in later generations where they differ from rc.8 (admin-api.md 4.2), under the name of rc.8 with a suffix: `V1` for
 * v1.11, `V26` for v26.2.
 */
export const laterSchemas: Readonly<Record<string, Schema>> = {
  AcceptLoginRequestV1: requestModel({ ...acceptLoginMembers, ...laterLogin }, 'refused', ['subject']),
  AcceptLoginRequestV26: requestModel({ ...acceptLoginMembers, ...laterLogin }, 'ignored', ['subject']),
  AcceptConsentRequestV1: requestModel({ ...acceptConsentMembers, ...laterConsent }, 'refused'),
  AcceptConsentRequestV26: requestModel(
    { ...acceptConsentMembers, ...laterConsent, session: { ...consentSession, additionalProperties: true } },
    'ignored',
  ),
  RejectRequestV26: requestModel(rejectionMembers, 'ignored'),
  ConsentRequestV26: extended('ConsentRequest', { consent_request_id: described(text, 'The challenge.') }),
  PreviousConsentSessionV26: extended('PreviousConsentSession', {
    consent_request: ref('ConsentRequestV26'),
    consent_request_id: text,
  }),
  ConsentSessionsV26: listOf(ref('PreviousConsentSessionV26')),
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

/** An answer model with more that it always has. */
function extended(name: string, members: Readonly<Record<string, Schema>>): Schema {
  const { properties, required } = handshakeSchemas[name] as { properties: Record<string, Schema>; required: string[] };
  const always = Object.fromEntries(required.map((member) => [member, properties[member] ?? {}]));
  return answerModel({ ...always, ...members });
}

function generatorRequest(): Schema {
  const { properties, ...rest } = keySchemas['JsonWebKeySetGeneratorRequest'] as { properties: Record<string, Schema> };
  const alg = { enum: ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'], type: 'string' };
  const use = described(properties['use'] ?? {}, 'sig when absent.');
  return { ...rest, properties: { ...properties, alg, use } };
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
