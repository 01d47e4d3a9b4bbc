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
export const introspectedMembers = {
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
