import { RootKey } from '#libs/crypto';
import { type FormValues, OAuthError, oauthError, parameter } from '#libs/oauth2';
import { type ClientView, ReadModel, findTokenOwner } from '#libs/read-model';
import { Controller, Req, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyRequest } from 'fastify';
import { TokenErrorFilter } from '../http/errors/error-filters.js';
import { formBody } from '../http/form-body.js';
import { ClientAuthentication } from './client-authentication.js';
import { RevokeTokens } from '../commands/grant.commands.js';
import { Route } from '../http/endpoint.js';

/** Token revocation (RFC 7009, oauth2-flows.md 1.4): unknown and foreign tokens are answered like revoked ones. */
@Controller()
@UseFilters(TokenErrorFilter)
export class RevokeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly clients: ClientAuthentication,
    private readonly root: RootKey,
  ) {}

  @Route({ method: 'POST', path: '/oauth2/revoke', catchesUp: 'first', status: 200, cacheControl: 'no-store' })
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    const { client, body } = await this.authenticate(request);
    const hash = this.root.tokenHash(parameter(body, 'token') ?? '');
    const owner = hash === undefined ? undefined : findTokenOwner(this.readModel.db, hash);
    if (owner === undefined || owner.clientId !== client.clientId) return;
    await this.commands.execute(new RevokeTokens(owner, request.context));
  }

  /** Every bad request, and every failure to authenticate, is `invalid_client` here. */
  private async authenticate(request: FastifyRequest): Promise<{ client: ClientView; body: FormValues }> {
    try {
      const body = await formBody(request);
      if (body.size === 0) throw oauthError('invalid_client', 'The body must be a form.');
      return { body, client: await this.clients.authenticate(request, body) };
    } catch (error) {
      if (error instanceof OAuthError) throw oauthError('invalid_client', error.hint).withDebug(error.debug ?? '');
      throw error;
    }
  }
}
