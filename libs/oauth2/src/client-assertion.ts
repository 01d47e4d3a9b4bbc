import { readUnverifiedJwt } from '#libs/crypto';
import { type Json, type JsonObject } from '#libs/domain';
import { type OAuthError, oauthError } from './errors.js';
import { type FormValues, parameter } from './form-encoding.js';

/** A JSON Web Token by which a client says who it is; nothing is verified yet. */
export type PresentedAssertion = {
  readonly method: 'private_key_jwt';
  /** Its subject: the client that is to be asked for keys. */
  readonly clientId: string;
  readonly assertion: string;
  readonly alg: string | undefined;
  readonly kid: string | undefined;
};

/** The claims of an assertion of this client, for us. */
type AssertionClaims = JsonObject & { readonly jti: string };

/** What makes an assertion one that counts once. */
export type SingleUse = { readonly jti: string; readonly expiresAt: Date };

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Clocks differ: what OpenID FAPI 2.0 Security Profile 5.3.2.1 asks to be accepted. */
const leewaySeconds = 10;

/** So far ahead an assertion may expire: for so long it is remembered. */
const longestSeconds = 3600;

/**
 * Reads the client assertion of a request that has one. It stands alone: no Basic header, no secret.
 *
 * @throws OAuthError `invalid_request` (another type, or only one of the two parameters) | `invalid_client`
 * @see RFC 7521 4.2, RFC 7523 2.2, oauth2-flows.md 3.9
 */
export function presentedAssertion({
  authorization,
  body,
}: {
  readonly authorization: string | undefined;
  readonly body: FormValues;
}): PresentedAssertion {
  if (/^\s*basic\b/i.test(authorization ?? '') || parameter(body, 'client_secret') !== undefined) {
    throw refused('A client assertion cannot be mixed with other credentials.');
  }
  if (parameter(body, 'client_assertion_type') !== assertionType) {
    throw oauthError('invalid_request', `The client_assertion_type must be ${assertionType}.`);
  }
  const assertion = parameter(body, 'client_assertion');
  if (assertion === undefined) throw oauthError('invalid_request', 'The client_assertion is missing.');
  const jwt = readUnverifiedJwt(assertion);
  if (jwt === undefined) throw refused('The client assertion is not a signed JSON Web Token.');
  const { alg, kid, claims } = jwt;
  if (typeof claims.sub !== 'string' || claims.sub === '') throw refused('The client assertion has no subject.');
  if ((parameter(body, 'client_id') ?? claims.sub) !== claims.sub) {
    throw refused('The client assertion and the client_id name different clients.');
  }
  return { method: 'private_key_jwt', clientId: claims.sub, assertion, alg, kid };
}

/**
 * The `kid` of the key that is said to have signed an assertion.
 *
 * @throws OAuthError `invalid_client` (not RS256) | `invalid_request` (no `kid`)
 */
export function assertionKeyId({ alg, kid }: Pick<PresentedAssertion, 'alg' | 'kid'>): string {
  if (alg !== 'RS256') throw refused('The client assertion must be signed with RS256.');
  if (kid === undefined || kid === '') {
    throw oauthError('invalid_request', 'The client assertion must name its key with kid.');
  }
  return kid;
}

/**
 * Checks the claims of an assertion whose signature was verified, as far as rc.8 does: `exp`, `nbf` and `iat` may be absent.
 *
 * @param audiences the URLs of the token endpoint; one of them is to be in `aud`, exactly
 * @throws OAuthError `invalid_client`
 * @see RFC 7523 3, OpenID Connect Core 1.0 9, oauth2-flows.md 3.9
 */
export function checkAssertionClaims(
  claims: JsonObject,
  {
    clientId,
    audiences,
    now,
  }: { readonly clientId: string; readonly audiences: readonly string[]; readonly now: Date },
): AssertionClaims {
  if (claims.iss !== clientId || claims.sub !== clientId) {
    throw refused('Issuer and subject of the client assertion must both be the client_id.');
  }
  const named: readonly (Json | undefined)[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.some((audience) => named.includes(audience))) {
    throw refused('The audience of the client assertion must be the URL of the token endpoint.');
  }
  const { jti } = claims;
  if (typeof jti !== 'string' || jti === '') throw refused('The client assertion has no jti.');
  checkTimes(claims, now.getTime() / 1000);
  return { ...claims, jti };
}

/**
 * What makes an assertion, its claims checked, one that counts once: it has to expire, and soon.
 *
 * @throws OAuthError `invalid_client`
 * @see RFC 7523 3, numbers 4 and 7
 */
export function singleUseOf({ jti, exp }: AssertionClaims, now: Date): SingleUse {
  if (typeof exp !== 'number') throw refused('The client assertion has no exp.');
  if (exp > now.getTime() / 1000 + longestSeconds + leewaySeconds)
    throw refused('The exp of the client assertion must be at most an hour ahead.');
  return { jti, expiresAt: new Date(exp * 1000) };
}

function checkTimes({ exp, nbf, iat }: JsonObject, nowSeconds: number): void {
  const isExpired = exp !== undefined && !(typeof exp === 'number' && nowSeconds < exp + leewaySeconds);
  if (isExpired) throw refused('The client assertion has expired.');
  for (const from of [nbf, iat]) {
    const isEarly = from !== undefined && !(typeof from === 'number' && from - leewaySeconds <= nowSeconds);
    if (isEarly) throw refused('The client assertion is not valid yet.');
  }
}

function refused(hint: string): OAuthError {
  return oauthError('invalid_client', hint);
}
