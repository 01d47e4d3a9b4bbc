import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { goJson } from '../go-json.js';

/**
 * An `OAuth2Client` as the Admin API of rc.8 answers it (admin-api.md 3.1), member for member in its order.
 *
 * @param createdAt, updatedAt are shown in seconds, rounded to the nearest one
 * @param options.secret the secret in clear, for the one answer that shows it
 * @param options.nullArrays list members the request left out: echoed as `null`, read as `[]` (admin-api.md 1.4)
 */
export function clientJson(
  clientId: string,
  registration: ClientRegistration,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  options: { readonly secret?: string; readonly nullArrays?: readonly string[] } = {},
): string {
  const { client_name, redirect_uris, grant_types, response_types, scope, audience, owner } = registration;
  const { policy_uri, allowed_cors_origins, tos_uri, client_uri, logo_uri, contacts, subject_type } = registration;
  const answer: Record<string, unknown> = {
    client_id: clientId,
    client_name,
    client_secret: unlessEmpty(options.secret),
    ...{ redirect_uris, grant_types, response_types, scope, audience, owner, policy_uri, allowed_cors_origins },
    ...{ tos_uri, client_uri, logo_uri, contacts },
    client_secret_expires_at: 0,
    subject_type,
    sector_identifier_uri: unlessEmpty(registration.sector_identifier_uri),
    jwks_uri: unlessEmpty(registration.jwks_uri),
    jwks: registration.jwks,
    token_endpoint_auth_method: unlessEmpty(registration.token_endpoint_auth_method),
    request_uris: unlessEmpty(registration.request_uris),
    request_object_signing_alg: unlessEmpty(registration.request_object_signing_alg),
    userinfo_signed_response_alg: unlessEmpty(registration.userinfo_signed_response_alg),
    created_at: wholeSeconds(createdAt),
    updated_at: wholeSeconds(updatedAt),
  };
  for (const member of options.nullArrays ?? []) if (answer[member] !== undefined) answer[member] = null;
  return goJson(answer);
}

/** The `metadata` of a client as it is answered: `{}` where nothing was ever kept. */
export function clientMetadataJson({ metadata = {} }: ClientRegistration): string {
  return goJson(metadata);
}

/** An `OAuth2Client` as later generations answer it: that of rc.8, and `metadata` (admin-api.md 4.2). */
export function laterClientJson(json: string, metadata: string): string {
  return `${json.slice(0, -1)},"metadata":${metadata}}`;
}

function unlessEmpty<T extends string | readonly string[]>(value: T | undefined): T | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

function wholeSeconds(at: Timestamp): string {
  const rounded = new Date(Math.round(Date.parse(at) / 1000) * 1000);
  return rounded.toISOString().replace('.000Z', 'Z');
}
