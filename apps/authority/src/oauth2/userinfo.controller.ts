import { RootKey } from '#libs/crypto';
import { type OAuthError, oauthError, parameter, parseQuery, userinfoClaims, goJson } from '#libs/oauth2';
import { ReadModel, type TokenView, findAccessToken, findClient } from '#libs/read-model';
import { Controller, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Clock } from '../commands/clock.js';
import { Configuration } from '../config/configuration.js';
import { formBody } from '../http/form-body.js';
import { IdTokens } from './id-tokens.js';
import { Route } from '../http/endpoint.js';

/** The challenge of every refusal (RFC 6750 3). */
const challenge = 'Bearer realm="userinfo"';

/** Userinfo (OpenID Connect Core 1.0 5.3, oauth2-flows.md 1.5, 4.3). */
@Controller()
export class UserinfoController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly clock: Clock,
    private readonly idTokens: IdTokens,
    private readonly configuration: Configuration,
  ) {}

  @Route({ method: 'GET', path: '/userinfo', catchesUp: 'first', status: 200, cacheControl: 'no-store' })
  get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.userinfo(request, reply);
  }

  @Route({ method: 'POST', path: '/userinfo', catchesUp: 'first', status: 200, cacheControl: 'no-store' })
  post(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.userinfo(request, reply);
  }

  private async userinfo(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const token = this.find(await bearerToken(request), reply);
    const stable = token.idTokenClaims;
    const client = findClient(this.readModel.db, token.clientId);
    const algorithm = client?.registration.userinfo_signed_response_alg;
    if (algorithm === 'RS256') {
      void reply.header('content-type', 'application/jwt');
      return this.idTokens.userinfo(stable, token.clientId);
    }
    if (algorithm !== 'none') throw oauthError('server_error');
    void reply.header('content-type', 'application/json');
    return goJson(
      userinfoClaims(stable, { issuer: this.configuration.issuer, clientId: token.clientId, signed: false }),
    );
  }

  /**
   * The token of a person who was asked for `openid`: of nobody else is there anything to tell.
   *
   * @throws OAuthError, with what RFC 6750 3 wants in the header
   */
  private find(bearer: string | undefined, reply: FastifyReply): TokenView {
    const { context } = reply.request;
    void reply.header('www-authenticate', challenge);
    if (bearer === undefined) throw unauthorized();
    void reply.header('www-authenticate', `${challenge}, error="invalid_token"`);
    const token = this.alive(bearer);
    context.clientId = token.clientId;
    if (token.consentChallenge === null || !token.scope.includes('openid')) {
      void reply.header('www-authenticate', `${challenge}, error="insufficient_scope", scope="openid"`);
      throw oauthError('insufficient_scope', 'The token is not one of a person who was asked for openid.');
    }
    void reply.removeHeader('www-authenticate');
    return token;
  }

  /** An expired token is one that was valid at some time; it is told so until its row is cleaned up. */
  private alive(bearer: string): TokenView {
    const hash = this.root.tokenHash(bearer);
    if (hash === undefined) throw unauthorized();
    const token = findAccessToken(this.readModel.db, hash, this.clock.now());
    if (token !== undefined) return token;
    const everValid = findAccessToken(this.readModel.db, hash, new Date(0)) !== undefined;
    throw everValid ? oauthError('token_expired') : unauthorized();
  }
}

/** From the header, else the query, else the form body (RFC 6750 2). */
async function bearerToken(request: FastifyRequest): Promise<string | undefined> {
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  if (bearer !== null) return bearer[1];
  const mark = request.url.indexOf('?');
  const query = parseQuery(mark === -1 ? '' : request.url.slice(mark + 1)).values;
  return parameter(query, 'access_token') ?? parameter(await formBody(request), 'access_token');
}

function unauthorized(): OAuthError {
  return oauthError('request_unauthorized', 'There is no valid access token in the request.');
}
