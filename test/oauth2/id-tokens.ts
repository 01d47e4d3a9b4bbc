import { type JWTPayload, type JWTVerifyResult, createLocalJWKSet, jwtVerify } from 'jose';

/** Verifies an ID token as a client does: against the keys published now. @throws when it does not verify */
export async function verifyIdToken(
  publicUrl: string,
  token: string | undefined,
  clientId: string,
): Promise<JWTVerifyResult<JWTPayload>> {
  const keys = createLocalJWKSet(await publishedKeys(publicUrl));
  return jwtVerify(token ?? '', keys, { issuer: `${publicUrl}/`, audience: clientId, algorithms: ['RS256'] });
}

/** `jwks.json` as it is now. */
export async function publishedKeys(publicUrl: string): Promise<Parameters<typeof createLocalJWKSet>[0]> {
  const response = await fetch(`${publicUrl}/.well-known/jwks.json`);
  return (await response.json()) as Parameters<typeof createLocalJWKSet>[0];
}

/** The left half of the SHA-256 of an access token, in base64url (OpenID Connect Core 1.0 3.1.3.6). */
export async function accessTokenHash(accessToken: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken));
  return Buffer.from(digest).subarray(0, 16).toString('base64url');
}

/** The S256 challenge of a code verifier (RFC 7636 4.2). */
export async function s256Challenge(verifier: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))).toString('base64url');
}
