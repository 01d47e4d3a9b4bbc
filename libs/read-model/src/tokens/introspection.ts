import { type MintedTokens, type TokenClaims, type Timestamp } from '#libs/domain';
import { goJson } from '#libs/oauth2';

export type TokenKind = 'access_token' | 'refresh_token';

/** The introspection answer (admin-api.md 3.14) but for the value of `iss`, which stands as JSON text between the two parts. */
export type Introspection = { readonly beforeIssuer: string; readonly afterIssuer: string };

/** The members before `iss`. A client's own token has the client as `sub`. `expiresAt` null: without `exp`. */
export function beforeIssuer(claims: TokenClaims, issuedAt: Timestamp, expiresAt: Timestamp | null): string {
  const { clientId, scope, audience, obfuscatedSubject } = claims;
  const text = goJson({
    active: true,
    scope: scope.length === 0 ? undefined : scope.join(' '),
    client_id: clientId,
    sub: claims.consentChallenge === null ? clientId : claims.subject || undefined,
    obfuscated_subject: obfuscatedSubject || undefined,
    exp: expiresAt === null ? undefined : seconds(expiresAt),
    iat: seconds(issuedAt),
    aud: audience.length === 0 ? undefined : audience,
  });
  return `${text.slice(0, -1)},"iss":`;
}

/** The members after `iss`. */
export function afterIssuer(kind: TokenKind, ext: TokenClaims['ext']): string {
  if (ext === undefined || Object.keys(ext).length === 0) return withoutExt[kind];
  return `,"token_type":"${kind}","ext":${goJson(ext)}}`;
}

const withoutExt = {
  access_token: ',"token_type":"access_token"}',
  refresh_token: ',"token_type":"refresh_token"}',
};

function seconds(at: Timestamp): number {
  return Math.floor(Date.parse(at) / 1000);
}

/** What was minted, with what it says: the common part of `TokensIssued` and `TokensRefreshed`. */
export type Minted = TokenClaims & MintedTokens;
