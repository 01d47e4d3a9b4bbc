import { RootKey, uuidV7 } from '#libs/crypto';
import {
  DomainError,
  type GrantEvent,
  type MintedTokens,
  type TokenClaims,
  type TokensIssued,
  grant,
} from '#libs/domain';
import { StreamDeletedError } from '#libs/event-store';
import { OAuthError, oauthError, recheckRefresh, scopeStrategy } from '#libs/oauth2';
import {
  type ClientView,
  ReadModel,
  findAccessToken,
  findAnyRefreshToken,
  findAuthorizationCode,
} from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext, type Liveness, refuseDead } from './command-context.js';
import { Configuration } from '../config/configuration.js';
import { type RequestContext } from '../http/request-context.js';
import { MachineTokens } from './machine-tokens.js';
import { type FreshTokens, TokenMint } from './token-mint.js';

/** A client's own token, for the client_credentials grant (RFC 6749 4.4); answers with it. */
export class IssueMachineToken extends Command<string> {
  constructor(
    readonly client: ClientView,
    readonly granted: { readonly scope: readonly string[]; readonly audience: readonly string[] },
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(IssueMachineToken)
class IssueMachineTokenHandler implements ICommandHandler<IssueMachineToken> {
  constructor(
    private readonly context: CommandContext,
    private readonly mint: TokenMint,
    private readonly machineTokens: MachineTokens,
  ) {}

  async execute({ client: { clientId, incarnation }, granted: { scope, audience }, by }: IssueMachineToken) {
    const now = this.context.now();
    const { accessToken, minted } = this.mint.accessTokenOnly(now);
    const issued: TokensIssued['data'] = {
      ...{ grantId: uuidV7(now), clientId, clientIncarnation: incarnation, scope, audience, consentChallenge: null },
      ...minted,
      grantType: 'client_credentials',
      issuedAt: now.toISOString(),
    };
    const { db } = this.context.readModel;
    refuseDead(await this.machineTokens.issue(issued, by), {
      isAlive: () => findAccessToken(db, minted.accessTokenHash, now) !== undefined,
      refusal: () => oauthError('invalid_client', 'The client was deleted meanwhile.'),
    });
    return accessToken;
  }
}

/** What the token endpoint answers from. `nonce` is there for a code only. */
export type Redeemed = {
  readonly claims: TokenClaims & MintedTokens;
  readonly nonce: string | null;
  readonly fresh: FreshTokens;
};

export class RedeemAuthorizationCode extends Command<Redeemed> {
  constructor(
    readonly client: ClientView,
    readonly request: {
      readonly code: string;
      readonly redirectUri: string | null;
      readonly codeChallenge: string | null;
    },
    readonly by: RequestContext,
  ) {
    super();
  }
}

/**
 * Of concurrent redemptions one wins, on the grant's own stream; the others replay the code, which ends its tokens
 * (RFC 6749 4.1.2). What died between that and the look at the new token's row refuses as well.
 */
@CommandHandler(RedeemAuthorizationCode)
class RedeemAuthorizationCodeHandler implements ICommandHandler<RedeemAuthorizationCode> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly mint: TokenMint,
  ) {}

  async execute({ client, request, by }: RedeemAuthorizationCode): Promise<Redeemed> {
    const hash = this.root.tokenHash(request.code);
    const row = hash === undefined ? undefined : findAuthorizationCode(this.readModel.db, hash);
    if (row === undefined || !row.alive) {
      by.detail = row === undefined ? 'no such code was issued' : 'the code is over, or its consent or client is gone';
      throw refused('The code is unknown, or what it rests on was revoked.');
    }
    const now = this.context.now();
    const fresh = this.mint.pair(now);
    const { redirectUri, codeChallenge } = request;
    const data = { clientId: client.clientId, redirectUri, codeChallenge, minted: fresh.minted };
    const command = { type: 'RedeemAuthorizationCode', data, now } as const;
    const liveness = livenessOf(this.readModel, now);
    const redeemed = await this.context.commit(grant, row.grantId, { command, by, liveness });
    return { claims: issuedBy(redeemed.events, by), nonce: redeemed.state.code?.nonce ?? null, fresh };
  }
}

export class RefreshTokens extends Command<Redeemed> {
  constructor(
    readonly client: ClientView,
    readonly refreshToken: string,
    readonly by: RequestContext,
  ) {
    super();
  }
}

/** Rotates (oauth2-flows.md 3.4); a token used twice ends the grant unless configured otherwise (D21). */
@CommandHandler(RefreshTokens)
class RefreshTokensHandler implements ICommandHandler<RefreshTokens> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly mint: TokenMint,
    private readonly configuration: Configuration,
  ) {}

  async execute({ client, refreshToken, by }: RefreshTokens): Promise<Redeemed> {
    const hash = this.root.tokenHash(refreshToken);
    const row = hash === undefined ? undefined : findAnyRefreshToken(this.readModel.db, hash);
    if (hash === undefined || row === undefined || !row.alive) {
      by.detail =
        row === undefined
          ? 'no such refresh token was issued'
          : 'the grant was revoked, or its consent or client is gone';
      throw refused('The refresh token is unknown or was revoked.');
    }
    const {
      refreshTokenReuse: reuse,
      refreshTokenGraceSeconds: graceSeconds,
      scopeStrategy: strategy,
    } = this.configuration;
    const { scope, audience } = row;
    const { clientId, registration } = client;
    const refusal = thrownBy(() =>
      recheckRefresh({ scope, audience, registration, scopeStrategy: scopeStrategy(strategy) }),
    );
    const now = this.context.now();
    const fresh = this.mint.pair(now);
    const stillAllowed = refusal === undefined;
    const data = { clientId, refreshTokenHash: hash, reuse, graceSeconds, stillAllowed, minted: fresh.minted };
    const command = { type: 'RefreshTokens', data, now } as const;
    const liveness = livenessOf(this.readModel, now);
    const write = { command, by, liveness };
    const { events } = await this.context.commit(grant, row.grantId, write).catch((error: unknown) => {
      throw error instanceof DomainError && error.code === 'grant_not_allowed' ? refusal : error;
    });
    return { claims: issuedBy(events, by), nonce: null, fresh };
  }
}

/** Revokes all tokens of a grant, which are the client's (RFC 7009 2.1, oauth2-flows.md 3.10). */
export class RevokeTokens extends Command<unknown> {
  constructor(
    readonly owner: { readonly grantId: string; readonly clientId: string },
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RevokeTokens)
class RevokeTokensHandler implements ICommandHandler<RevokeTokens> {
  constructor(private readonly context: CommandContext) {}

  /** A grant that retention deleted has nothing left to revoke. */
  async execute({ owner: { grantId, clientId }, by }: RevokeTokens) {
    const command = { type: 'RevokeTokens', data: { grantId, clientId }, now: this.context.now() } as const;
    try {
      return await this.context.commit(grant, grantId, { command, by });
    } catch (error) {
      if (error instanceof StreamDeletedError) return undefined;
      throw error;
    }
  }
}

/** @throws OAuthError `invalid_grant` when there are events that mark an abuse instead */
function issuedBy(events: readonly GrantEvent[], by: RequestContext): TokenClaims & MintedTokens {
  const issued = tokensIn(events);
  if (issued !== undefined) return issued;
  by.detail = `recorded: ${events.map(({ type }) => type).join(', ')}`;
  throw refused('The code or refresh token was used before, or its code_verifier is wrong.');
}

/** A cause of the tokens may have died since it was looked at. */
function livenessOf(readModel: ReadModel, now: Date): Liveness<GrantEvent> {
  return {
    isAlive: (events) => {
      const issued = tokensIn(events);
      return issued === undefined || findAccessToken(readModel.db, issued.accessTokenHash, now) !== undefined;
    },
    refusal: () => refused('What the grant rests on was revoked.'),
  };
}

function tokensIn(events: readonly GrantEvent[]): (TokenClaims & MintedTokens) | undefined {
  return events.find((event) => event.type === 'TokensIssued' || event.type === 'TokensRefreshed')?.data;
}

/** What a check refuses with, if it does. */
function thrownBy(check: () => void): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

function refused(hint: string): OAuthError {
  return oauthError('invalid_grant', hint);
}

export const grantHandlers = [
  IssueMachineTokenHandler,
  RedeemAuthorizationCodeHandler,
  RefreshTokensHandler,
  RevokeTokensHandler,
];
