import { type JsonObject, type Timestamp } from '../shared.js';

/** What is stored of freshly minted tokens: hashes and absolute expiries; `null` expiry: never. */
export type MintedTokens = {
  readonly accessTokenHash: string;
  readonly accessTokenExpiresAt: Timestamp;
  readonly refreshTokenHash: string | null;
  readonly refreshTokenExpiresAt: Timestamp | null;
};

/** Whom tokens speak for and what they allow; the same at every refresh. Personal members are absent for a client's own tokens. */
export type TokenClaims = {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientIncarnation: number;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  /** The consent the tokens rest on; `null` for a client's own. */
  readonly consentChallenge: string | null;
  readonly subjectHash?: string;
  readonly subject?: string;
  /** The ID token's `sub` where it differs from the subject. */
  readonly obfuscatedSubject?: string;
  /** `session.access_token` of the consent. */
  readonly ext?: JsonObject;
  /** Claims of the ID token that do not change from one to the next: `sub`, `auth_time`, `rat`, `acr`, the consent app's own. */
  readonly idTokenClaims?: JsonObject;
};

/** One name, one shape, in the streams of flows (`grant-`) and of instances that issue machine tokens (`machine-`). */
export type TokensIssued = {
  type: 'TokensIssued';
  data: TokenClaims & MintedTokens & { grantType: 'authorization_code' | 'client_credentials'; issuedAt: Timestamp };
};

export const personalTokenMembers = ['subject', 'obfuscatedSubject', 'ext', 'idTokenClaims'] as const;
