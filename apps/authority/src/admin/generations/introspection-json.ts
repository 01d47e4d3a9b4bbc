import { goJson } from '#libs/oauth2';
import { type TokenView } from '#libs/read-model';

/** What rc.8 answers, read back. */
type Answered = { readonly iat: number; readonly aud?: readonly string[] };

/**
 * The introspection answer from v1.9 on (admin-api.md 4.2): the kind of token has moved to `token_use`, `token_type` is how it is
 * presented, and `nbf` and `aud` are always there. `exp` is absent only from a token that never expires.
 */
export function laterIntrospection({ introspection, kind }: TokenView, issuer: string): string {
  const { beforeIssuer, afterIssuer } = introspection;
  const answered = JSON.parse(`${beforeIssuer}${JSON.stringify(issuer)}${afterIssuer}`) as Answered;
  return goJson({ ...answered, nbf: answered.iat, aud: answered.aud ?? [], token_type: 'Bearer', token_use: kind });
}
