import { uuidV7 } from '#libs/crypto';
import { type TokensIssued } from '#libs/domain';
import { type FormValues, grantTypeOf, oauthError, parseTokenRequest, scopeStrategy, goJson } from '#libs/oauth2';
import { type ClientView, ReadModel, findAccessToken } from '#libs/read-model';
import { Controller, Req, Res, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { CommandContext } from '../../commands/command-context.js';
import { Configuration } from '../../config/configuration.js';
import { TokenErrorFilter } from '../../http/errors/error-filters.js';
import { formBody } from '../../http/form-body.js';
import { type RequestContext } from '../../http/request-context.js';
import { ClientAuthentication } from '../client-authentication.js';
import { IdTokens } from '../id-tokens.js';
import { MachineTokens } from '../../commands/machine-tokens.js';
import { TokenMint } from '../../commands/token-mint.js';
import { RedeemAuthorizationCode, type Redeemed, RefreshTokens } from '../../commands/grant.commands.js';
import { Route } from '../../http/endpoint.js';

/** The token endpoint (RFC 6749 3.2, oauth2-flows.md 1.3). */
@Controller()
@UseFilters(TokenErrorFilter)
export class TokenController {
  constructor(
    private readonly commands: CommandBus,
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly clients: ClientAuthentication,
    private readonly machineTokens: MachineTokens,
    private readonly mint: TokenMint,
    private readonly idTokens: IdTokens,
    private readonly configuration: Configuration,
  ) {}

  @Route({ method: 'POST', path: '/oauth2/token', catchesUp: 'first', status: 200 })
  async token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const body = await formBody(request);
    if (body.size === 0) throw oauthError('invalid_request', 'The body must be a form.');
    grantTypeOf(body);
    const client = await this.clients.authenticate(request, body);
    const answer = await this.grant(body, client, request.context);
    void reply
      .header('content-type', 'application/json;charset=UTF-8')
      .header('cache-control', 'no-store')
      .header('pragma', 'no-cache');
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

  /** RFC 6749 4.4: the client's own token, with everything it asked for and may have. */
  private async clientCredentials(
    { clientId, incarnation }: ClientView,
    { scope, audience }: { scope: readonly string[]; audience: readonly string[] },
    by: RequestContext,
  ): Promise<string> {
    const now = this.context.now();
    const { accessToken, minted } = this.mint.accessTokenOnly(now);
    const issued: TokensIssued['data'] = {
      ...{ grantId: uuidV7(now), clientId, clientIncarnation: incarnation, scope, audience, consentChallenge: null },
      ...minted,
      grantType: 'client_credentials',
      issuedAt: now.toISOString(),
    };
    const applied = await this.machineTokens.issue(issued, by);
    if (applied && findAccessToken(this.readModel.db, minted.accessTokenHash, now) === undefined) {
      throw oauthError('invalid_client', 'The client was deleted meanwhile.');
    }
    return goJson({
      access_token: accessToken,
      expires_in: this.expiresIn(),
      scope: scope.join(' '),
      token_type: 'bearer',
    });
  }

  /** Members in alphabetical order, as rc.8 writes them. */
  private async answer({ claims, nonce, fresh }: Redeemed): Promise<string> {
    const { accessToken } = fresh;
    const openid = claims.scope.includes('openid') && claims.idTokenClaims !== undefined;
    const { clientId, idTokenClaims: stable = {} } = claims;
    const idToken = openid
      ? { id_token: await this.idTokens.idToken({ stable, clientId, nonce, accessToken }, this.context.now()) }
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
