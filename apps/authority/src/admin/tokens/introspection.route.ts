import { type RootKey } from '#libs/crypto';
import { oauthError, parameter, requiredScopesGranted, scopeStrategy } from '#libs/oauth2';
import { type ReadModel, type TokenView, findAccessToken, findRefreshToken } from '#libs/read-model';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import { type Clock } from '../../commands/clock.js';
import { type Configuration } from '../../config/configuration.js';
import { sendTokenError } from '../../http/errors/error-filters.js';
import { formBody } from '../../http/form-body.js';
import { VerifiedTokens } from './verified-tokens.js';
import { served } from '../../http/endpoint.js';
import { introspectToken } from './tokens.operations.js';

const inactive = '{"active":false}';

/** What introspection needs; it is a raw route because every request of every backend comes here (architecture.md: HTTP surface). */
export type Introspection = {
  readonly configuration: Configuration;
  readonly readModel: ReadModel;
  readonly root: RootKey;
  readonly clock: Clock;
};

/** IntrospectOAuth2Token (admin-api.md 2.23, RFC 7662 2): inactive unless every line earns it. */
export function introspectionRoute(
  server: FastifyInstance,
  { configuration, readModel, root, clock }: Introspection,
): void {
  const tokens = new VerifiedTokens(root);
  const grants = scopeStrategy(configuration.scopeStrategy);
  const bounded = configuration.introspectionConsistency === 'bounded';
  const exposeDebug = configuration.exposeInternalErrors;

  for (const endpoint of introspectToken) {
    const render = endpoint.generation.introspectionJson(configuration.issuer);
    const errorHandler: RouteShorthandOptions['errorHandler'] = (error, request, reply) =>
      sendTokenError(error, { request, reply, exposeDebug });
    server.post(endpoint.path, { config: served(endpoint), errorHandler }, async (request, reply) => {
      try {
        return await answer(request, reply, render);
      } catch (error) {
        sendTokenError(error, { request, reply, exposeDebug });
        return reply;
      }
    });
  }

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    render: (token: TokenView) => string,
  ): Promise<FastifyReply> {
    const form = await formBody(request);
    if (form.size === 0) throw oauthError('invalid_request', 'The body must be a form with a token.');
    const hash = tokens.tokenHash(parameter(form, 'token') ?? '');
    if (hash === undefined) return sendInactive(reply);
    const isKnown = request.context.caughtUp || (bounded && readModel.isFresh());
    const behind = isKnown ? undefined : readModel.catchUp();
    if (behind !== undefined) await behind;
    const token = find(hash, parameter(form, 'token_type_hint'));
    const scope = parameter(form, 'scope');
    if (token === undefined) return sendInactive(reply);
    if (scope !== undefined && !requiredScopesGranted(grants, token.scope, scope)) return sendInactive(reply);
    return reply.header('content-type', 'application/json;charset=UTF-8').send(render(token));
  }

  /** The hint only says where to look first. */
  function find(hash: string, hint: string | undefined): TokenView | undefined {
    const now = clock.now();
    const { db } = readModel;
    if (hint === 'refresh_token') return findRefreshToken(db, hash, now) ?? findAccessToken(db, hash, now);
    return findAccessToken(db, hash, now) ?? findRefreshToken(db, hash, now);
  }
}

function sendInactive(reply: FastifyReply): FastifyReply {
  return reply.header('content-type', 'application/json').send(inactive);
}
