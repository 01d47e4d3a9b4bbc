import { halfHash } from '#libs/crypto';
import { type JsonObject, type Timestamp } from '#libs/domain';
import { toSeconds } from './seconds.js';

/** Claims only the server sets; a consent app's members of these names are dropped (oauth2-flows.md 4.1). */
const protocolClaims = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'rat', 'nonce', 'jti', 'acr', 'at_hash', 'c_hash'],
]);

/**
 * The claims that stay the same from one ID token of a grant to the next; stored as `idTokenClaims` of its events. An `acr` that
 * was asked for and not given is `"0"`.
 *
 * @param custom `session.id_token` of the consent
 * @see oauth2-flows.md 4.1, OpenID Connect Core 1.0 2 and 12.2
 */
export function stableIdTokenClaims({
  subjectIdentifier,
  authenticatedAt,
  requestedAt,
  acr,
  acrValues,
  custom,
}: {
  readonly subjectIdentifier: string;
  readonly authenticatedAt: Timestamp;
  readonly requestedAt: Timestamp;
  /** From the login; `''` when it gave none. */
  readonly acr: string;
  readonly acrValues: readonly string[];
  readonly custom: JsonObject;
}): JsonObject {
  const effectiveAcr = acr === '' && acrValues.length > 0 ? '0' : acr;
  return {
    ...without(custom, protocolClaims),
    sub: subjectIdentifier,
    auth_time: toSeconds(authenticatedAt),
    rat: toSeconds(requestedAt),
    ...(effectiveAcr === '' ? {} : { acr: effectiveAcr }),
  };
}

/**
 * The claims of one ID token. There is no `nonce` when none was sent, nor after a refresh (D18); `at_hash` comes with an access
 * token in the same answer.
 *
 * @param issuer with its one trailing slash
 * @param accessToken the plain token, `undefined` when there is none
 * @see oauth2-flows.md 4.1, OpenID Connect Core 1.0 2 and 3.1.3.6
 */
export function idTokenClaims({
  stable,
  issuer,
  clientId,
  nonce,
  accessToken,
  lifespanSeconds,
  now,
  jti,
}: {
  readonly stable: JsonObject;
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce: string | null;
  readonly accessToken: string | undefined;
  readonly lifespanSeconds: number;
  readonly now: Date;
  readonly jti: string;
}): JsonObject {
  const issuedAt = toSeconds(now);
  return {
    ...stable,
    iss: issuer,
    aud: [clientId],
    exp: issuedAt + lifespanSeconds,
    iat: issuedAt,
    jti,
    ...(nonce === null || nonce === '' ? {} : { nonce }),
    ...(accessToken === undefined ? {} : { at_hash: halfHash(accessToken) }),
  };
}

const absentFromUserinfo = new Set([
  'nonce',
  'at_hash',
  'c_hash',
  'auth_time',
  'iat',
  'rat',
  'exp',
  'jti',
  'aud',
  'iss',
]);

/**
 * What userinfo says: `sub`, `acr` and the consent app's own claims; a client's own token has an empty `sub`. The signed form names
 * issuer and audience as well.
 *
 * @param stable `undefined` for a client's own token
 * @see oauth2-flows.md 4.3, OpenID Connect Core 1.0 5.3.2
 */
export function userinfoClaims(
  stable: JsonObject | undefined,
  { issuer, clientId, signed }: { readonly issuer: string; readonly clientId: string; readonly signed: boolean },
): JsonObject {
  const claims = { sub: '', ...without(stable ?? {}, absentFromUserinfo) };
  return signed ? { ...claims, iss: issuer, aud: [clientId] } : claims;
}

function without(claims: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.has(name)));
}
