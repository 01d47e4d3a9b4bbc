import { oauthError } from '#libs/oauth2';
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { queryValue } from '../../http/query-value.js';

/**
 * Injects the challenge of a login or consent request, wherever the generation has it: a path segment, the query parameter
 * `login_challenge` or `consent_challenge`, or its older name `challenge`.
 *
 * @throws OAuthError `invalid_request` when it is missing
 */
export const Challenge = createParamDecorator((kind: 'login' | 'consent', context: ExecutionContext): string => {
  const { params, query } = context.switchToHttp().getRequest<FastifyRequest>();
  const inPath = (params as { challenge?: string }).challenge;
  if (inPath !== undefined) return inPath;
  const name = `${kind}_challenge`;
  const challenge = queryValue(query, name) ?? queryValue(query, 'challenge');
  if (challenge === undefined) throw oauthError('invalid_request', `The query parameter ${name} is missing.`);
  return challenge;
});
