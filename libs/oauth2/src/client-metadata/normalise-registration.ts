import { type ClientRegistration, type JsonObject } from '#libs/domain';
import { normaliseOrigin } from '../cors-origin.js';
import { oauthError } from '../errors.js';
import { isMalformedUri, splitUri } from '../uri.js';
import { type ClientMember, type RegistrationRules, clientMemberList, emptyOf } from './client-members.js';

/**
 * A client as decoded from a request body, types checked; a member that is absent or `null` was not sent. Keys of `jwks` are
 * public JWKs, parsed.
 */
export type RegistrationInput = {
  readonly [Member in keyof Omit<ClientRegistration, 'jwks' | 'subject_type'>]?:
    ClientRegistration[Member] | null | undefined;
} & {
  readonly subject_type?: string | null;
  readonly jwks?: { readonly keys?: readonly JsonObject[] | null } | null;
  readonly client_secret?: string | null;
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
  const complete = completed(input, rules);
  requireKeys(complete);
  requireLongSecret(input.client_secret ?? '');
  const origins = complete.allowed_cors_origins.map(normaliseOrigin);
  requireHttpsSector(complete.sector_identifier_uri);
  requireHttpsKeys(complete.jwks_uri, rules);
  requireSignedUserinfo(complete.userinfo_signed_response_alg);
  refuseFragments(complete.redirect_uris);
  const subjectType = supportedSubjectType(complete.subject_type, rules.subjectTypesSupported);
  return { ...complete, allowed_cors_origins: origins, subject_type: subjectType };
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
 * Checks that what is registered as a URI can be used as one: redirect URIs are absolute or paths, and what apps show as links leads
 * to a web page (a `javascript:` URL would be a script of whoever registered it). The first generation of the Admin API takes others.
 *
 * @throws OAuthError `invalid_request`
 * @see RFC 7591 2, admin-api.md 4.2
 */
export function checkRegisteredUris(registration: ClientRegistration): void {
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

type Completed = Omit<ClientRegistration, 'subject_type'> & { readonly subject_type: string };

/** What was sent and the defaults of the rest, in the order of the wire. An empty text counts as left out. */
function completed(input: RegistrationInput, rules: RegistrationRules): Completed {
  const { jwks } = input;
  const sent: Readonly<Record<string, unknown>> = { ...input, jwks: jwks == null ? null : { keys: jwks.keys ?? null } };
  const members = registered.map((member): [string, unknown] => [
    member.name,
    valueOf(member, sent[member.name], rules),
  ]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as Completed; // the table has a row for each
}

const registered = clientMemberList.filter(({ apart }) => apart !== true);

function valueOf(member: ClientMember, sent: unknown, rules: RegistrationRules): unknown {
  if (sent === undefined && member.extension === true) return undefined; // who sent it does not know that there is such a member
  if (sent != null && sent !== '') return sent;
  const { default: value = emptyOf(member.kind) } = member;
  return typeof value === 'function' ? value(rules) : value;
}

/** Rules 2 and 3; an empty `jwks` object counts as sent. */
function requireKeys({ jwks, jwks_uri: uri, token_endpoint_auth_method: authMethod }: Completed): void {
  const [byValue, byReference] = [jwks !== undefined, uri !== ''];
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

/** Ours: other schemes lead nowhere, and a plain connection lets whoever sits on it choose the keys (RFC 7591 2). */
function requireHttpsKeys(uri: string, { plainHttpAllowed }: RegistrationRules): void {
  const { scheme } = splitUri(uri) ?? {};
  if (uri === '' || scheme === 'https' || (plainHttpAllowed && scheme === 'http')) return;
  throw oauthError('invalid_request', 'jwks_uri must be a URL with the scheme https.');
}

/** Rule 9. */
function requireSignedUserinfo(algorithm: string): void {
  if (algorithm === 'none' || algorithm === 'RS256') return;
  throw oauthError('invalid_request', 'userinfo_signed_response_alg must be none or RS256.');
}

/** Rule 10. */
function refuseFragments(redirectUris: readonly string[]): void {
  if (redirectUris.some((uri) => uri.includes('#'))) {
    throw oauthError('invalid_request', 'redirect_uris must not have fragments.');
  }
}

/** Rule 11. */
function supportedSubjectType(chosen: string, supported: readonly string[]): ClientRegistration['subject_type'] {
  if ((chosen === 'public' || chosen === 'pairwise') && supported.includes(chosen)) return chosen;
  throw oauthError('invalid_request', `subject_type must be one of: ${supported.join(', ')}.`);
}
