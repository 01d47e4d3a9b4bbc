import {
  type Schema,
  answerModel,
  described,
  flag,
  freeForm,
  integer,
  requestModel,
  text,
  texts,
  time,
} from '../../openapi/schema.js';

/** What introspection says of an active token, apart from that. */
const introspectedMembers = {
  scope: text,
  client_id: text,
  sub: text,
  obfuscated_subject: text,
  exp: integer,
  iat: integer,
  aud: texts,
  iss: text,
  token_type: { enum: ['access_token', 'refresh_token'] },
  ext: freeForm,
};

/** Tokens (admin-api.md 3.14, 3.15). */
export const tokenSchemas: Readonly<Record<string, Schema>> = {
  OAuth2TokenIntrospection: described(
    answerModel({ active: flag }, introspectedMembers),
    'RFC 7662 section 2.2. Of a token that is not active, only that.',
  ),
  IntrospectionForm: {
    type: 'object',
    required: ['token'],
    properties: { token: text, scope: text, token_type_hint: { enum: ['access_token', 'refresh_token'] } },
  },
  FlushInactiveOAuth2TokensRequest: requestModel({ notAfter: time }, 'ignored'),
};

/** Of an active token more is always there in later generations; `exp` is absent from one that never expires (admin-api.md 4.2). */
export const laterTokenSchemas: Readonly<Record<string, Schema>> = {
  OAuth2TokenIntrospectionV26: {
    ...answerModel(
      { active: flag },
      {
        ...introspectedMembers,
        nbf: described(integer, 'The same as iat.'),
        token_type: { const: 'Bearer' },
        token_use: { enum: ['access_token', 'refresh_token'] },
      },
    ),
    if: { properties: { active: { const: true } } },
    then: { required: ['client_id', 'iat', 'nbf', 'aud', 'iss', 'token_type', 'token_use'] },
    else: { maxProperties: 1 },
    description: 'RFC 7662 section 2.2. Of a token that is not active, only that.',
  },
};
