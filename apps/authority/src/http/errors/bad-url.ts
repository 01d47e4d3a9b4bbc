import { oauthError } from '#libs/oauth2';
import { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { refusalOf } from '../refusal.js';
import { type RequestLog } from '../request-log.js';
import { notFound } from './admin-error.js';
import { adminErrorText } from './error-filters.js';

/**
 * Answers a path that the router cannot decode, before any hook: 400 when a `%` is not followed by two hexadecimal digits; 404 when
 * what it says is not UTF-8, because nothing has such a name (admin-api.md 1.1).
 */
export function badUrlAnswer(
  requestLog: RequestLog,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (_error, request, reply) => {
    const { raw } = request;
    const malformed = /%(?![\da-f]{2})/i.test(raw.url ?? '');
    const error = malformed ? oauthError('invalid_request').withDebug('the path is not percent-encoded') : notFound();
    request.context = requestLog.contextOf(request);
    request.context.refusal = refusalOf(error, undefined, undefined);
    const body = adminErrorText(error, request.context.requestId);
    reply.hijack();
    reply.raw.writeHead(error.status, {
      ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      'x-request-id': request.context.correlationId,
    });
    reply.raw.end(raw.method === 'HEAD' ? undefined : body);
    requestLog.answered(request, reply);
  };
}
