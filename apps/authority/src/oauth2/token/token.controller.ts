import { type FormValues, grantTypeOf, oauthError, parseTokenRequest, scopeStrategy, goJson } from '#libs/oauth2';
import { type ClientView } from '#libs/read-model';
import { Controller, Req, Res, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Clock } from '../../commands/clock.js';
import { Configuration } from '../../config/configuration.js';
import { TokenErrorFilter } from '../../http/errors/error-filters.js';
import { formBody } from '../../http/form-body.js';
import { type RequestContext } from '../../http/request-context.js';
import { ClientAuthentication } from '../client-authentication.js';
import { IdTokens } from '../id-tokens.js';
import {
  IssueMachineToken,
  RedeemAuthorizationCode,
  type Redeemed,
  RefreshTokens,
} from '../../commands/grant.commands.js';
import { Route } from '../../http/endpoint.js';

/** The token endpoint (RFC 6749 3.2, oauth2-flows.md 1.3). */
@Controller()
@UseFilters(TokenErrorFilter)
export class TokenController {
  constructor(
    private readonly commands: CommandBus,
    private readonly clients: ClientAuthentication,
    private readonly idTokens: IdTokens,
    private readonly clock: Clock,
    private readonly configuration: Configuration,
  ) {}

  @Route({ method: 'POST', path: '/oauth2/token', catchesUp: 'first', status: 200, cacheControl: 'no-store' })
  async token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const body = await formBody(request);
    if (body.size === 0) throw oauthError('invalid_request', 'The body must be a form.');
    grantTypeOf(body);
    const client = await this.clients.authenticate(request, body);
    const answer = await this.grant(body, client, request.context);
    void reply.header('content-type', 'application/json;charset=UTF-8').header('pragma', 'no-cache');
    return answer;
  }

  private async grant(body: FormValues, client: ClientView, by: RequestContext): Promise<string> {
    const strategy = scopeStrategy(this.configuration.scopeStrategy);
    const request = parseTokenRequest(body, { registration: client.registration, scopeStrategy: strategy });
    switch (request.grantType) {
      case 'client_credentials':
        return this.clientCredentials(client, request, by);
      case 'authorization_code':
        return this.answer(await this.commands.execute(new RedeemAuthorizationCode(client, request, by)));
      case 'refresh_token':
        return this.answer(await this.commands.execute(new RefreshTokens(client, request.refreshToken, by)));
    }
  }

  /** With everything the client asked for and may have. */
  private async clientCredentials(
    client: ClientView,
    granted: { readonly scope: readonly string[]; readonly audience: readonly string[] },
    by: RequestContext,
  ): Promise<string> {
    const accessToken = await this.commands.execute(new IssueMachineToken(client, granted, by));
    return goJson({
      access_token: accessToken,
      expires_in: this.expiresIn(),
      scope: granted.scope.join(' '),
      token_type: 'bearer',
    });
  }

  /** Members in alphabetical order, as rc.8 writes them. */
  private async answer({ claims, nonce, fresh }: Redeemed): Promise<string> {
    const { accessToken } = fresh;
    const openid = claims.scope.includes('openid') && claims.idTokenClaims !== undefined;
    const { clientId, idTokenClaims: stable = {} } = claims;
    const idToken = openid
      ? { id_token: await this.idTokens.idToken({ stable, clientId, nonce, accessToken }, this.clock.now()) }
      : {};
    return goJson({
      access_token: accessToken,
      expires_in: this.expiresIn(),
      ...idToken,
      ...(claims.refreshTokenHash === null ? {} : { refresh_token: fresh.refreshToken }),
      scope: claims.scope.join(' '),
      token_type: 'bearer',
    });
  }

  private expiresIn(): number {
    return Math.floor(this.configuration.ttlMs.accessToken / 1000);
  }
}
