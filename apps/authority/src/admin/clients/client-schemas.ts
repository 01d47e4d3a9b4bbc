import {
  type Schema,
  answerModel,
  described,
  freeForm,
  integer,
  nullable,
  ref,
  requestModel,
  text,
  texts,
  time,
} from '../../openapi/schema.js';

/** The list members of a registration that are always answered (admin-api.md 3.1). */
const lists = ['redirect_uris', 'grant_types', 'response_types', 'audience', 'allowed_cors_origins', 'contacts'];
const identifier = { ...text, maxLength: 255 };
/** Lists as they may be sent: `null` is an empty string. */
const sentTexts = { type: 'array', items: nullable(text) };

/** @param list what the list members are: echoes of a request have `null` for the absent ones (admin-api.md 1.4) */
function always(list: Schema): Record<string, Schema> {
  return {
    client_id: described(text, 'Generated (UUIDv4) when a client is created without one.'),
    client_name: text,
    ...Object.fromEntries(lists.map((member) => [member, list])),
    scope: described(text, 'The scopes the client may ask for, separated by spaces.'),
    owner: text,
    policy_uri: text,
    tos_uri: text,
    client_uri: text,
    logo_uri: text,
    client_secret_expires_at: { const: 0, description: 'Secrets do not expire.' },
    subject_type: { enum: ['public', 'pairwise'] },
    created_at: time,
    updated_at: time,
  };
}

const omittedWhenEmpty: Record<string, Schema> = {
  sector_identifier_uri: text,
  jwks_uri: text,
  jwks: ref('ClientKeys'),
  token_endpoint_auth_method: text,
  request_uris: texts,
  request_object_signing_alg: text,
  userinfo_signed_response_alg: { enum: ['none', 'RS256'] },
};

/** What a registration may have (admin-api.md 3.1). */
export const registrationMembers: Readonly<Record<string, Schema>> = {
  client_id: identifier,
  client_name: text,
  client_secret: described(text, 'At least 6 bytes. Create: generated when absent. Update: kept when absent.'),
  client_secret_hash: described(
    text,
    'The bcrypt hash of a secret registered elsewhere, instead of client_secret. Refused with 400 but where a client is created.',
  ),
  ...Object.fromEntries(lists.map((member) => [member, sentTexts])),
  scope: text,
  owner: text,
  policy_uri: text,
  tos_uri: text,
  client_uri: text,
  logo_uri: text,
  client_secret_expires_at: integer,
  subject_type: { ...text, maxLength: 15 },
  sector_identifier_uri: text,
  jwks_uri: text,
  jwks: freeForm,
  token_endpoint_auth_method: { ...text, maxLength: 25 },
  request_uris: sentTexts,
  request_object_signing_alg: { ...text, maxLength: 10 },
  userinfo_signed_response_alg: { ...text, maxLength: 10 },
  created_at: time,
  updated_at: time,
};

/** What GET answers, member for member; and a client that was just written, which may show its secret. */
export const clientMembers = { always: always(texts), omittedWhenEmpty };
export const writtenSecret: Readonly<Record<string, Schema>> = { client_secret: text };

/** Clients (admin-api.md 3.1). Only the answers to creating and updating one have a place for its secret. */
export const clientSchemas: Readonly<Record<string, Schema>> = {
  OAuth2Client: described(answerModel(always(texts), omittedWhenEmpty), 'An OAuth 2.0 client, without its secret.'),
  RegisteredOAuth2Client: described(
    answerModel(always(nullable(texts)), { ...writtenSecret, ...omittedWhenEmpty }),
    'A client as it was just registered. Lists that the request left out are null.',
  ),
  OAuth2ClientRegistration: requestModel(registrationMembers, 'ignored'),
  ClientKeys: answerModel({ keys: nullable({ type: 'array', items: ref('JsonWebKey') }) }),
};
