import { RootKey } from '#libs/crypto';
import { type MintedTokens } from '#libs/domain';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../config/configuration.js';

/** Fresh tokens: what the client gets, and what is recorded of it. */
export type FreshTokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly minted: MintedTokens;
};

/** Mints opaque tokens with the configured lifespans (oauth2-flows.md 3.1, 3.2). */
@Injectable()
export class TokenMint {
  constructor(
    private readonly root: RootKey,
    private readonly configuration: Configuration,
  ) {}

  /** An access and a refresh token; the domain leaves the latter out where no offline scope was granted. */
  pair(now: Date): FreshTokens {
    const refresh = this.root.mintToken();
    const { accessToken, minted } = this.accessTokenOnly(now);
    const { refreshToken: lifespanMs } = this.configuration.ttlMs;
    const refreshTokenExpiresAt = lifespanMs === null ? null : new Date(now.getTime() + lifespanMs).toISOString();
    return {
      accessToken,
      refreshToken: refresh.token,
      minted: { ...minted, refreshTokenHash: refresh.hash, refreshTokenExpiresAt },
    };
  }

  accessTokenOnly(now: Date): { accessToken: string; minted: MintedTokens } {
    const access = this.root.mintToken();
    const accessTokenExpiresAt = new Date(now.getTime() + this.configuration.ttlMs.accessToken).toISOString();
    const minted = {
      accessTokenHash: access.hash,
      accessTokenExpiresAt,
      refreshTokenHash: null,
      refreshTokenExpiresAt: null,
    };
    return { accessToken: access.token, minted };
  }
}
