import { oauthError } from '#libs/oauth2';
import { ReadModel, listAdminTokens as adminTokens } from '#libs/read-model';
import { Body, Controller, Param } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsInt, IsString } from 'class-validator';
import {
  CreateAdminToken,
  RevokeAdminToken,
  adminTokenLife,
  isAdminTokenName,
  mintAdminTokenAsAsked,
  shownAdminToken,
} from '../../commands/admin-token.commands.js';
import { Clock } from '../../commands/clock.js';
import { Configuration } from '../../config/configuration.js';
import { Caller } from '../../http/caller.js';
import { Route } from '../../http/endpoint.js';
import { AdminError, rowNotFound } from '../../http/errors/admin-error.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed } from '../wire/decode-body.js';
import { createAdminToken, listAdminTokens, revokeAdminToken } from './admin-tokens.operations.js';

/** `AdminTokenRequest`. */
class TokenRequest {
  static readonly unknownMembers = 'reject';
  @IsString() name = '';
  @IsString() scope = '';
  @IsInt() expires_in: number = adminTokenLife.usualSeconds;
}

/** Tokens for the Admin API itself (docs/security.md). */
@Controller()
export class AdminTokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly configuration: Configuration,
    private readonly clock: Clock,
  ) {}

  @Route(createAdminToken)
  async create(@Body() text: string, @Caller() by: RequestContext): Promise<string> {
    const { name, scope, expires_in: seconds } = decodeBody(text, TokenRequest);
    const minted = mintAdminTokenAsAsked({ name, scope, lifeMs: seconds * 1000 }, this.clock.now());
    if (typeof minted === 'string') throw malformed(minted);
    this.refuseMoreThan(by, minted.data.scopes);
    const { events } = await this.commands.execute(new CreateAdminToken(minted.data, by));
    const createdAt =
      events.flatMap(({ type, data }) => (type === 'AdminTokenCreated' ? [data.createdAt] : []))[0] ?? '';
    return JSON.stringify({ ...shownAdminToken({ ...minted.data, createdAt }), token: minted.token });
  }

  @Route(listAdminTokens)
  list(): string {
    return JSON.stringify(adminTokens(this.readModel.db, this.clock.now()).map(shownAdminToken));
  }

  /** 404 where there is none: a name misspelt would leave a token alive that somebody believes revoked. */
  @Route(revokeAdminToken)
  async revoke(@Param('name') name: string, @Caller() by: RequestContext): Promise<void> {
    const { events } = isAdminTokenName(name)
      ? await this.commands.execute(new RevokeAdminToken(name, by))
      : { events: [] };
    if (events.length === 0) throw rowNotFound();
  }

  /**
   * Nobody makes a token that may do more than they. Where nobody is asked who calls, nobody makes one at all: it would let strangers
   * in once somebody is asked.
   */
  private refuseMoreThan({ may }: RequestContext, scopes: readonly string[]): void {
    if (this.configuration.adminAuth.kind !== 'token') {
      throw new AdminError(409, 'Conflict', 'Tokens are made here only with ADMIN_AUTH=token');
    }
    const more = may === 'everything' ? undefined : scopes.find((scope) => !may.includes(scope));
    if (more !== undefined) throw oauthError('insufficient_scope', `The caller has no scope ${more} to give.`);
  }
}
