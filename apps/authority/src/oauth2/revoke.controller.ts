import { RootKey } from '#libs/crypto';
import { type FormValues, oauthError, parameter } from '#libs/oauth2';
import { type ClientView, ReadModel, findTokenOwner } from '#libs/read-model';
import { Controller, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyRequest } from 'fastify';
import { TokenErrorFilter } from '../errors/error-filters.js';
import { formBody } from '../http/form-body.js';
import { ClientAuthentication } from './client-authentication.js';
import { RevokeTokens } from './token/token.commands.js';

/** Token revocation (RFC 7009, oauth2-flows.md 1.4): unknown and foreign tokens are answered like revoked ones. */
@Controller('oauth2/revoke')
@UseFilters(TokenErrorFilter)
export class RevokeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly clients: ClientAuthentication,
    private readonly root: RootKey,
  ) {}

  @Post()
  @HttpCode(200)
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    const body = await this.form(request);
    const client = await this.authenticate(request, body);
    const hash = this.root.tokenHash(parameter(body, 'token') ?? '');
    const owner = hash === undefined ? undefined : findTokenOwner(this.readModel.db, hash);
    if (owner === undefined || owner.clientId !== client.clientId) return;
    await this.commands.execute(new RevokeTokens(owner.grantId, request.context));
  }

  private async form(request: FastifyRequest): Promise<FormValues> {
    const form = await formBody(request);
    if (form.size === 0) throw oauthError('invalid_client', 'The body must be a form.');
    return form;
  }

  /** Every failure to authenticate is `invalid_client` here. */
  private async authenticate(request: FastifyRequest, body: FormValues): Promise<ClientView> {
    return await this.clients.authenticate(request.headers.authorization, body);
  }
}
