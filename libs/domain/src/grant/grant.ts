import { DomainError } from '../refusals.js';
import { type Decider, type EventSchemas, type Timestamp, assertNever, streamName } from '../shared.js';
import { type MintedTokens, type TokenClaims, type TokensIssued, personalTokenMembers } from './tokens.js';

type CodeData = TokenClaims & {
  readonly codeHash: string;
  /** As sent to the authorization endpoint, `null` when it was not. */
  readonly redirectUri: string | null;
  readonly codeChallenge: string | null;
  readonly nonce: string | null;
  readonly issuedAt: Timestamp;
  readonly expiresAt: Timestamp;
};

export type GrantEvent =
  | { type: 'AuthorizationCodeIssued'; data: CodeData }
  | { type: 'AuthorizationCodeRedeemed'; data: { grantId: string; redeemedAt: Timestamp } }
  | { type: 'AuthorizationCodeReplayed'; data: { grantId: string; replayedAt: Timestamp } }
  | {
      type: 'AuthorizationCodeInvalidated';
      data: { grantId: string; cause: 'code_verifier'; invalidatedAt: Timestamp };
    }
  | TokensIssued
  | {
      type: 'TokensRefreshed';
      data: TokenClaims &
        MintedTokens & {
          previousRefreshTokenHash: string;
          /** The token had been rotated before, within the grace period: what that rotation issued stays valid. */
          withinGrace: boolean;
          refreshedAt: Timestamp;
        };
    }
  | { type: 'RefreshTokenReused'; data: { grantId: string; reusedAt: Timestamp } }
  /** `clientId`: whose tokens they are, where the stream says it nowhere else (those of a client alone); absent in older events. */
  | { type: 'TokensRevoked'; data: { grantId: string; clientId?: string; revokedAt: Timestamp } };

export const grantEventSchemas: EventSchemas<GrantEvent> = {
  AuthorizationCodeIssued: { version: 1, personal: [...personalTokenMembers, 'nonce'] },
  AuthorizationCodeRedeemed: { version: 1 },
  AuthorizationCodeReplayed: { version: 1 },
  AuthorizationCodeInvalidated: { version: 1 },
  TokensIssued: { version: 1, personal: personalTokenMembers },
  TokensRefreshed: { version: 1, personal: personalTokenMembers },
  RefreshTokenReused: { version: 1 },
  TokensRevoked: { version: 1 },
};

export type GrantCommand = { now: Date } & (
  | { type: 'IssueAuthorizationCode'; data: Omit<CodeData, 'issuedAt'> }
  /** `codeChallenge`: the S256 transformation of the `code_verifier` presented, `null` when none was. */
  | {
      type: 'RedeemAuthorizationCode';
      data: { clientId: string; redirectUri: string | null; codeChallenge: string | null; minted: MintedTokens };
    }
  | {
      type: 'RefreshTokens';
      data: {
        clientId: string;
        refreshTokenHash: string;
        reuse: 'revoke' | 'ignore';
        graceSeconds: number;
        minted: MintedTokens;
        /** Whether the client may still have what was granted: its registration may have changed. */
        stillAllowed: boolean;
      };
    }
  | { type: 'RevokeTokens'; data: { grantId: string; clientId: string } }
);

type RefreshToken = {
  readonly hash: string;
  readonly expiresAt: Timestamp | null;
  readonly rotatedAt: Timestamp | null;
};

/** In the order they were issued, and rotated. Both are short, so that each event costs the same however many came before. */
type RefreshTokens = { readonly usable: readonly RefreshToken[]; readonly rotated: readonly RefreshToken[] };

/** How many rotated tokens a grant knows, the latest: enough to notice that one is used again. Older ones are unknown. */
const knownRotations = 100;

export type Grant = {
  code: CodeData | undefined;
  codeStatus: 'none' | 'issued' | 'redeemed' | 'replayed' | 'invalidated';
  claims: TokenClaims | undefined;
  refreshTokens: RefreshTokens;
  revoked: boolean;
};

/** Scopes that ask for a refresh token (oauth2-flows.md 3.3). */
const offlineScopes = ['offline', 'offline_access'];

function evolve(state: Grant, event: GrantEvent): Grant {
  switch (event.type) {
    case 'AuthorizationCodeIssued':
      return { ...state, code: event.data, codeStatus: 'issued', claims: claimsOf(event.data) };
    case 'AuthorizationCodeRedeemed':
      return { ...state, codeStatus: 'redeemed' };
    case 'AuthorizationCodeReplayed':
      return { ...state, codeStatus: 'replayed', revoked: true };
    case 'AuthorizationCodeInvalidated':
      return { ...state, codeStatus: 'invalidated' };
    case 'TokensIssued':
      return { ...state, claims: claimsOf(event.data), refreshTokens: withToken(state.refreshTokens, event.data) };
    case 'TokensRefreshed': {
      const refreshTokens = withToken(rotated(state.refreshTokens, event.data), event.data);
      return { ...state, refreshTokens };
    }
    case 'RefreshTokenReused':
    case 'TokensRevoked':
      return { ...state, revoked: true };
    default:
      return assertNever(event);
  }
}

function withToken(
  tokens: RefreshTokens,
  { refreshTokenHash: hash, refreshTokenExpiresAt: expiresAt }: MintedTokens,
): RefreshTokens {
  return hash === null ? tokens : { ...tokens, usable: [...tokens.usable, { hash, expiresAt, rotatedAt: null }] };
}

function rotated(
  tokens: RefreshTokens,
  { previousRefreshTokenHash: hash, refreshedAt }: { previousRefreshTokenHash: string; refreshedAt: Timestamp },
): RefreshTokens {
  const token = tokens.usable.find((one) => one.hash === hash);
  if (token === undefined) return tokens;
  return {
    usable: tokens.usable.filter((one) => one !== token),
    rotated: [...tokens.rotated.slice(1 - knownRotations), { ...token, rotatedAt: refreshedAt }],
  };
}

function claimsOf(data: TokenClaims): TokenClaims {
  const { grantId, clientId, clientIncarnation, scope, audience, consentChallenge } = data;
  return {
    ...{ grantId, clientId, clientIncarnation, scope, audience, consentChallenge },
    ...(data.subjectHash === undefined ? {} : { subjectHash: data.subjectHash }),
    ...(data.subject === undefined ? {} : { subject: data.subject }),
    ...(data.obfuscatedSubject === undefined ? {} : { obfuscatedSubject: data.obfuscatedSubject }),
    ...(data.ext === undefined ? {} : { ext: data.ext }),
    ...(data.idTokenClaims === undefined ? {} : { idTokenClaims: data.idTokenClaims }),
  };
}

/**
 * Decides what a command changes. Some refusals leave a mark: redeeming a code again (`AuthorizationCodeReplayed`), a wrong
 * `code_verifier` (`AuthorizationCodeInvalidated`), using a rotated refresh token (`RefreshTokenReused`); the caller answers
 * `invalid_grant` when that is what it gets.
 *
 * @throws DomainError `invalid_grant` | `grant_not_allowed`
 */
function decide(command: GrantCommand, state: Grant): GrantEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'IssueAuthorizationCode':
      if (state.codeStatus !== 'none')
        throw new DomainError('invalid_grant', 'a code was issued for this grant before');
      return [{ type: 'AuthorizationCodeIssued', data: { ...command.data, issuedAt: at } }];
    case 'RedeemAuthorizationCode':
      return redeem(command.data, state, at);
    case 'RefreshTokens':
      return refresh(command.data, state, command.now);
    case 'RevokeTokens':
      return state.revoked ? [] : [{ type: 'TokensRevoked', data: { ...whose(command.data, state), revokedAt: at } }];
    default:
      return assertNever(command);
  }
}

/** The stream of a flow names the client itself; tokens of a client alone were issued in another stream. */
function whose(
  { grantId, clientId }: { grantId: string; clientId: string },
  { claims }: Grant,
): { grantId: string; clientId?: string } {
  return claims === undefined ? { grantId, clientId } : { grantId };
}

/** The order of oauth2-flows.md 3.3, but that another client decides nothing about the grant; only a wrong verifier spends the code. */
function redeem(
  data: Extract<GrantCommand, { type: 'RedeemAuthorizationCode' }>['data'],
  { code, codeStatus, claims, revoked }: Grant,
  at: Timestamp,
): GrantEvent[] {
  if (code === undefined || claims === undefined) throw new DomainError('invalid_grant', 'the code is not known');
  if (code.clientId !== data.clientId) throw new DomainError('invalid_grant', 'the code was issued to another client');
  const { grantId } = code;
  if (codeStatus === 'redeemed') return [{ type: 'AuthorizationCodeReplayed', data: { grantId, replayedAt: at } }];
  if (codeStatus !== 'issued' || revoked)
    throw new DomainError('invalid_grant', 'the code was used before, or its grant revoked');
  if (code.expiresAt <= at) throw new DomainError('invalid_grant', 'the code has expired');
  if (code.redirectUri !== null && code.redirectUri !== data.redirectUri) {
    throw new DomainError('invalid_grant', 'redirect_uri is not the one of the authorization request');
  }
  if ((code.codeChallenge === null) !== (data.codeChallenge === null)) {
    throw new DomainError('invalid_grant', 'a code_verifier is needed where a code_challenge was sent, and only there');
  }
  if (code.codeChallenge !== data.codeChallenge) {
    return [{ type: 'AuthorizationCodeInvalidated', data: { grantId, cause: 'code_verifier', invalidatedAt: at } }];
  }
  return [
    { type: 'AuthorizationCodeRedeemed', data: { grantId, redeemedAt: at } },
    {
      type: 'TokensIssued',
      data: { ...claims, ...offlineOnly(data.minted, claims), grantType: 'authorization_code', issuedAt: at },
    },
  ];
}

function offlineOnly(minted: MintedTokens, { scope }: TokenClaims): MintedTokens {
  if (scope.some((item) => offlineScopes.includes(item))) return minted;
  return { ...minted, refreshTokenHash: null, refreshTokenExpiresAt: null };
}

/** The order of oauth2-flows.md 3.4, but that a token used twice (2.14, D21) is found out whatever the client may still have. */
function refresh(
  data: Extract<GrantCommand, { type: 'RefreshTokens' }>['data'],
  state: Grant,
  now: Date,
): GrantEvent[] {
  const at = now.toISOString();
  const { claims } = state;
  const { usable, rotated: used } = state.refreshTokens;
  const token = [...usable, ...used].find(({ hash }) => hash === data.refreshTokenHash);
  if (claims === undefined || token === undefined || state.revoked) {
    throw new DomainError('invalid_grant', 'the refresh token is not known or was revoked');
  }
  if (token.expiresAt !== null && token.expiresAt <= at)
    throw new DomainError('invalid_grant', 'the refresh token has expired');
  if (claims.clientId !== data.clientId)
    throw new DomainError('invalid_grant', 'the refresh token was issued to another client');
  const withinGrace =
    token.rotatedAt !== null && now.getTime() < Date.parse(token.rotatedAt) + data.graceSeconds * 1000;
  if (token.rotatedAt !== null && !withinGrace) {
    if (data.reuse === 'ignore') throw new DomainError('invalid_grant', 'the refresh token was used before');
    return [{ type: 'RefreshTokenReused', data: { grantId: claims.grantId, reusedAt: at } }];
  }
  if (!data.stillAllowed)
    throw new DomainError('grant_not_allowed', 'the client may not have what was granted any more');
  const previousRefreshTokenHash = data.refreshTokenHash;
  return [
    {
      type: 'TokensRefreshed',
      data: { ...claims, ...data.minted, previousRefreshTokenHash, withinGrace, refreshedAt: at },
    },
  ];
}

/** Ids are grant ids; a flow's is its consent challenge, so that at most one grant comes of a consent. */
export const grant: Decider<GrantCommand, Grant, GrantEvent> = {
  streamOf: (grantId) => streamName('grant', grantId),
  initial: () => ({
    code: undefined,
    codeStatus: 'none',
    claims: undefined,
    refreshTokens: { usable: [], rotated: [] },
    revoked: false,
  }),
  decide,
  evolve,
};
