import { OAuthError, adminStyleError, oauthError, tokenEndpointError, goJson } from '#libs/oauth2';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, NotFoundException } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { Configuration } from '../../config/configuration.js';
import { emptyNameAnswer } from '../empty-name.js';
import { refusalOf } from '../refusal.js';
import { answerUnrouted } from '../unrouted.js';
import { type AdminError } from './admin-error.js';
import { type ProtocolError, toProtocolError } from './to-protocol-error.js';

/** The admin writer's error bodies (admin-api.md 1.5), also of userinfo, discovery, jwks and logout. */
@Catch()
@Injectable()
export class AdminErrorFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const [request, reply] = httpPair(host);
    sendAdminError(exception, request, reply);
  }
}

/** The error bodies of the token, revocation and introspection endpoints: no `request_id`, debug text only when exposed. */
@Catch()
@Injectable()
export class TokenErrorFilter implements ExceptionFilter {
  constructor(private readonly configuration: Configuration) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const [request, reply] = httpPair(host);
    sendTokenError(exception, { request, reply, exposeDebug: this.configuration.exposeInternalErrors });
  }
}

/** Answers in the admin writer's form. */
export function sendAdminError(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const unrouted = request.is404 && exception instanceof NotFoundException;
  const answer = unrouted ? emptyNameAnswer(request) : known(exception, request);
  if (answer === undefined) return answerUnrouted(request, reply);
  if (answer === 'done') return void reply.status(204).send();
  const body = adminErrorText(answer, request.context.requestId);
  send(reply, answer.status, { contentType: 'application/json', body });
}

/** The body of an error in the admin writer's form. */
export function adminErrorText(error: ProtocolError, requestId: string): string {
  const body = error instanceof OAuthError ? adminStyleError(error, requestId) : adminBody(error, requestId);
  return `${goJson(body)}\n`;
}

/** Answers in the token endpoint's form. */
export function sendTokenError(
  exception: unknown,
  { request, reply, exposeDebug }: { request: FastifyRequest; reply: FastifyReply; exposeDebug: boolean },
): void {
  const error = known(exception, request);
  const body =
    error instanceof OAuthError
      ? tokenEndpointError(error, { exposeDebug })
      : { error: inTokenTerms(error.status), error_description: error.message, status_code: error.status };
  if (error.status === 401 && request.headers.authorization !== undefined)
    // RFC 6749 5.2
    void reply.header('www-authenticate', 'Basic realm="clients", charset="UTF-8"');
  send(reply, error.status, { contentType: 'application/json;charset=UTF-8', body: goJson(body) });
}

function inTokenTerms(status: number): string {
  if (status === 503) return 'temporarily_unavailable';
  return status < 500 ? 'invalid_request' : 'server_error';
}

function adminBody(error: AdminError, requestId: string): object {
  return {
    error: error.error,
    error_description: error.description,
    status_code: error.status,
    ...(error.debug === undefined ? {} : { error_debug: error.debug }),
    request_id: requestId,
  };
}

/** The log is told why. Unforeseen errors go there in full and to the caller as one generic error. */
export function known(exception: unknown, { context, log }: Pick<FastifyRequest, 'context' | 'log'>): ProtocolError {
  const error = toProtocolError(exception);
  if (error === undefined) {
    (log as Logger).error({ err: exception, requestId: context.correlationId }, 'unexpected error');
    return oauthError('server_error');
  }
  context.refusal = refusalOf(error, exception, context.detail);
  return error;
}

function send(reply: FastifyReply, status: number, { contentType, body }: { contentType: string; body: string }): void {
  if (status === 503) void reply.header('retry-after', '1');
  void reply.status(status).header('content-type', contentType).send(body);
}

function httpPair(host: ArgumentsHost): [FastifyRequest, FastifyReply] {
  const http = host.switchToHttp();
  return [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
}
