import { type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type Logger } from 'pino';
import { guardAgainstBrowsers } from '../callers/browser-guard.js';
import { clientRoute } from '../admin/clients/clients.controller.js';
import { introspectionRoute } from '../admin/tokens/introspection.route.js';
import { callersOf } from '../callers/callers.js';
import { permissionHooks } from '../callers/permission-hooks.js';
import { type Shared } from './app.module.js';
import { badUrlAnswer } from '../http/errors/bad-url.js';
import { type Authority } from './open-authority.js';
import { openApiRoute } from '../openapi/openapi.route.js';
import { declaredRoutes } from '../http/declared-routes.js';
import { drainOnClose } from '../http/drain.js';
import { type ListenerKind } from '../http/listener-kind.js';
import { RequestLog } from '../http/request-log.js';
import { routeTableOf } from '../http/unrouted.js';
import { apiDocument } from './api-document.js';

const maxBodyBytes: Readonly<Record<ListenerKind, number>> = { admin: 1024 * 1024, public: 64 * 1024 };
/** How often it is looked for requests that take too long to come. */
const timeoutCheckMs = 1_000;
const mediaType = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;
const fastifyJson = 'application/json; charset=utf-8';

/** A Nest application on a Fastify server of its own, not listening yet. */
export async function createListener(
  kind: ListenerKind,
  module: DynamicModule,
  { authority, shared }: { authority: Authority; shared: Shared },
): Promise<NestFastifyApplication> {
  const { logger } = shared.applicationLog;
  const { requestTimeoutMs, trustedProxies } = authority.configuration;
  const requestLog = new RequestLog(kind, { logger, metrics: shared.metrics, trustedProxies });
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes[kind],
    requestTimeout: requestTimeoutMs,
    http: { connectionsCheckingInterval: timeoutCheckMs, headersTimeout: requestTimeoutMs },
    exposeHeadRoutes: false,
    frameworkErrors: badUrlAnswer(requestLog),
    skipMiddie: true,
    loggerInstance: logger,
    childLoggerFactory: (parent: FastifyBaseLogger) => parent, // one for every request would tell no more: entries name the request themselves
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 16_384, ignoreTrailingSlash: false, caseSensitive: true },
  });
  const server: FastifyInstance = adapter.getInstance();
  server.server.maxConnections = authority.configuration[kind].maxConnections;
  parseBodies(server);
  contextHooks(server, kind, requestLog);
  if (kind === 'admin') guardAgainstBrowsers(server, authority.configuration, logger);
  routeTableOf(server);
  drainOnClose(server);
  const { applicationLog } = shared;
  const permissionHook = kind === 'admin' ? permissionHooks(callersOf({ ...authority, applicationLog })) : undefined;
  declaredRoutes(server, authority, permissionHook);
  if (kind === 'admin') {
    introspectionRoute(server, authority);
    clientRoute(server, authority);
    openApiRoute(server, apiDocument());
  }
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLog(logger),
  });
  await application.init();
  return application;
}

/** Bodies reach the handlers as text, whatever the content type says, if that is one (admin-api.md 1.2); multipart ones as bytes. */
function parseBodies(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw }, _reply, done) => {
    const { headers } = raw;
    const contentType = headers['content-type'];
    if (contentType !== undefined && !mediaType.test(contentType)) delete headers['content-type']; // Fastify would answer 415
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  server.addContentTypeParser(/^multipart\/form-data/, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** Who asks, how far the log went for it, one log line and one measurement a request. Hooks, because interceptors are slow. */
function contextHooks(server: FastifyInstance, kind: ListenerKind, requestLog: RequestLog): void {
  server.decorateRequest('context');
  server.addHook('onRequest', (request, reply, done) => {
    if (kind === 'public') void reply.header('x-content-type-options', 'nosniff');
    request.context = requestLog.contextOf(request);
    void reply.header('x-request-id', request.context.correlationId);
    done();
  });
  server.addHook('onSend', (request, reply, _payload, done) => {
    const { position } = request.context;
    if (position !== undefined) void reply.header('hydrant-position', String(position));
    // rc.8 names no charset with JSON, which is UTF-8 anyway (RFC 8259 8.1); Fastify adds one
    if (reply.getHeader('content-type') === fastifyJson) void reply.header('content-type', 'application/json');
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    requestLog.answered(request, reply);
    done();
  });
}

function nestLog(logger: Logger): LoggerService {
  const write = (level: 'debug' | 'info' | 'warn' | 'error' | 'fatal') => (message: unknown) =>
    logger[level](String(message));
  return {
    log: write('debug'),
    verbose: write('debug'),
    debug: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}
