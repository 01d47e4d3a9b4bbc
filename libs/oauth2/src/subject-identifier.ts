import { sha256Hex } from '#libs/crypto';
import { type ClientRegistration } from '#libs/domain';
import { oauthError } from './errors.js';
import { splitUri } from './uri.js';

/**
 * What a client gets to know as `sub`: the subject itself, or for a pairwise client the forced identifier of this flow, else
 * SHA-256 of sector, subject and salt in lower-case hex.
 *
 * @param forced `force_subject_identifier` of the login, `''` when none
 * @param supported the subject types the server has enabled
 * @throws OAuthError `invalid_request` when there is no pairwise identifier for this client
 * @see OpenID Connect Core 1.0 8.1, oauth2-flows.md 2.11
 */
export function subjectIdentifier({
  subject,
  registration,
  forced,
  pairwiseSalt,
  supported,
}: {
  readonly subject: string;
  readonly registration: ClientRegistration;
  readonly forced: string;
  readonly pairwiseSalt: string | undefined;
  readonly supported: readonly string[];
}): string {
  if (registration.subject_type !== 'pairwise') return subject;
  if (!supported.includes('pairwise') || pairwiseSalt === undefined) {
    throw oauthError('invalid_request', 'The client wants pairwise subject identifiers, which are not enabled.');
  }
  if (forced !== '') return forced;
  return sha256Hex(`${sectorOf(registration)}${subject}${pairwiseSalt}`);
}

/** `sector_identifier_uri` as it is, else host and port of the only redirect URI. */
function sectorOf({ sector_identifier_uri: sector, redirect_uris: redirectUris }: ClientRegistration): string {
  if (sector !== '') return sector;
  const [only] = redirectUris;
  const host = only === undefined || redirectUris.length > 1 ? undefined : splitUri(only)?.host;
  if (host === undefined) {
    throw oauthError(
      'invalid_request',
      'A client with pairwise subject identifiers needs a sector_identifier_uri or exactly one redirect URI with a host.',
    );
  }
  return host;
}
