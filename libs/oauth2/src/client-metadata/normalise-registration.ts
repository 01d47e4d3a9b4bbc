import { type ClientRegistration, type JsonObject } from '#libs/domain';
import { normaliseOrigin } from '../cors-origin.js';
import { oauthError } from '../errors.js';
import { isMalformedUri, splitUri } from '../uri.js';

/**
 * A client as decoded from a request body, types checked; a member that is absent or `null` was not sent. Keys of `jwks` are
 * public JWKs, parsed.
 */
export type RegistrationInput = {
  readonly [Member in keyof Omit<ClientRegistration, 'jwks' | 'subject_type'>]?: ClientRegistration[Member] | null;
} & {
  readonly subject_type?: string | null;
  readonly jwks?: { readonly keys?: readonly JsonObject[] | null } | null;
  readonly client_secret?: string | null;
};

export type RegistrationRules = {
  /** The scope of a client that asks for none, space-separated. */
  readonly defaultScope: string;
  readonly subjectTypesSupported: readonly string[];
};

const leastSecretBytes = 6;

/**
 * Validates client metadata and fills in defaults, in the order of the wire reference; the first rule broken is reported. That
 * `sector_identifier_uri` lists the redirect URIs is for the caller to check, who can fetch it: `sectorIdentifierCovers`.
 *
 * @throws OAuthError `invalid_request`
 * @see admin-api.md 2.1 rules 2 to 11, RFC 7591 2
 */
export function normaliseRegistration(input: RegistrationInput, rules: RegistrationRules): ClientRegistration {
  const authMethod = text(input.token_endpoint_auth_method, 'client_secret_basic');
  requireKeys(input, authMethod);
  requireLongSecret(input.client_secret ?? '');
  const scope = text(input.scope, rules.defaultScope);
  const origins = (input.allowed_cors_origins ?? []).map(normaliseOrigin);
  requireHttpsSector(input.sector_identifier_uri ?? '');
  const userinfoAlg = signedUserinfo(text(input.userinfo_signed_response_alg, 'none'));
  refuseFragments(input.redirect_uris ?? []);
  const subjectType = subjectTypeOf(input.subject_type ?? '', rules.subjectTypesSupported);
  return {
    client_name: input.client_name ?? '',
    redirect_uris: input.redirect_uris ?? [],
    grant_types: input.grant_types ?? [],
    response_types: input.response_types ?? [],
    scope,
    audience: input.audience ?? [],
    owner: input.owner ?? '',
    policy_uri: input.policy_uri ?? '',
    allowed_cors_origins: origins,
    tos_uri: input.tos_uri ?? '',
    client_uri: input.client_uri ?? '',
    logo_uri: input.logo_uri ?? '',
    contacts: input.contacts ?? [],
    subject_type: subjectType,
    sector_identifier_uri: input.sector_identifier_uri ?? '',
    jwks_uri: input.jwks_uri ?? '',
    ...(input.jwks == null ? {} : { jwks: { keys: input.jwks.keys ?? null } }),
    token_endpoint_auth_method: authMethod,
    request_uris: input.request_uris ?? [],
    request_object_signing_alg: input.request_object_signing_alg ?? '',
    userinfo_signed_response_alg: userinfoAlg,
    ...(input.metadata == null ? {} : { metadata: input.metadata }),
  };
}

/**
 * Checks the document behind a `sector_identifier_uri`: a list of strings that has every redirect URI of the client.
 *
 * @param list the decoded body
 * @throws OAuthError `invalid_request`
 * @see OpenID Connect Core 1.0 8.1, admin-api.md 2.1 rule 8
 */
export function sectorIdentifierCovers(list: unknown, redirectUris: readonly string[]): void {
  const refused = oauthError('invalid_request', metadataHint);
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) {
    throw refused.withDebug('sector_identifier_uri does not answer with a list of strings');
  }
  if (list.length === 0) throw refused.withDebug('sector_identifier_uri answers with an empty list');
  if (!redirectUris.every((uri) => list.includes(uri))) {
    throw refused.withDebug('sector_identifier_uri does not list every redirect URI of the client');
  }
}

/**
 * What later generations check as well: redirect URIs are absolute or paths, and what apps show as links can be one (a
 * `javascript:` URL would be a script of whoever registered it). Registrations of rc.8 need not pass.
 *
 * @throws OAuthError `invalid_request`
 * @see admin-api.md 4.2
 */
export function checkLaterRegistration(registration: ClientRegistration): void {
  if (!registration.redirect_uris.every((uri) => !isMalformedUri(uri) && /^(?:\/|[a-z][a-z0-9+.-]*:)/i.test(uri))) {
    throw oauthError('invalid_request', 'redirect_uris must be absolute URIs or paths.');
  }
  for (const member of ['tos_uri', 'policy_uri', 'logo_uri', 'client_uri'] as const) {
    const uri = registration[member];
    if (uri !== '' && !['http', 'https'].includes(splitUri(uri)?.scheme ?? '')) {
      throw oauthError('invalid_request', `${member} must be a URL with the scheme http or https.`);
    }
  }
}

const metadataHint = 'Some of the client metadata is not valid.';

function text(sent: string | null | undefined, fallback: string): string {
  return sent == null || sent === '' ? fallback : sent;
}

/** Rules 2 and 3; an empty `jwks` object counts as sent. */
function requireKeys({ jwks, jwks_uri: uri }: RegistrationInput, authMethod: string): void {
  const [byValue, byReference] = [jwks != null, uri != null && uri !== ''];
  if (authMethod === 'private_key_jwt' && !byValue && !byReference) {
    throw oauthError('invalid_request', 'token_endpoint_auth_method private_key_jwt needs jwks or jwks_uri.');
  }
  if (byValue && byReference) throw oauthError('invalid_request', 'jwks and jwks_uri cannot be used together.');
}

/** Rule 4. */
function requireLongSecret(secret: string): void {
  if (secret !== '' && Buffer.byteLength(secret) < leastSecretBytes) {
    throw oauthError('invalid_request', 'client_secret must have at least 6 bytes.');
  }
}

/** Rule 8, as far as it goes without fetching. */
function requireHttpsSector(uri: string): void {
  if (uri === '') return;
  const parts = splitUri(uri);
  if (parts === undefined) throw oauthError('invalid_request', 'sector_identifier_uri is not a URL.');
  if (parts.scheme !== 'https') {
    throw oauthError('invalid_request', metadataHint).withDebug('sector_identifier_uri must have the scheme https');
  }
}

/** Rule 9. */
function signedUserinfo(algorithm: string): string {
  if (algorithm !== 'none' && algorithm !== 'RS256') {
    throw oauthError('invalid_request', 'userinfo_signed_response_alg must be none or RS256.');
  }
  return algorithm;
}

/** Rule 10. */
function refuseFragments(redirectUris: readonly string[]): void {
  if (redirectUris.some((uri) => uri.includes('#'))) {
    throw oauthError('invalid_request', 'redirect_uris must not have fragments.');
  }
}

/** Rule 11. */
function subjectTypeOf(sent: string, supported: readonly string[]): 'public' | 'pairwise' {
  const [first = 'public'] = supported;
  const preferred = supported.includes('public') ? 'public' : first;
  const chosen = sent === '' ? preferred : sent;
  if ((chosen !== 'public' && chosen !== 'pairwise') || !supported.includes(chosen)) {
    throw oauthError('invalid_request', `subject_type must be one of: ${supported.join(', ')}.`);
  }
  return chosen;
}
