import { type ActiveToken, activeIntrospection, goJson, toSeconds } from '#libs/oauth2';

/**
 * The introspection answer from v1.9 on (admin-api.md 4.2): the kind of token has moved to `token_use`, `token_type` is how it is
 * presented, and `nbf` and `aud` are always there. `exp` is absent only from a token that never expires.
 */
export function introspectionJson(token: ActiveToken, issuer: string): string {
  const { issuedAt, audience, kind } = token;
  const more = { nbf: toSeconds(issuedAt), aud: audience, token_type: 'Bearer', token_use: kind };
  return goJson({ ...activeIntrospection(token, issuer), ...more });
}
