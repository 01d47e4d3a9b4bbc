import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { type Network } from '../config/configuration.js';
import { AddressSet } from './address-set.js';
import { callerAddress } from './caller-address.js';
import { type ListenerKind } from './listener-kind.js';
import { type Metrics } from './metrics.js';
import { OnceAMinute } from './once-a-minute.js';
import { RequestContext } from './request-context.js';

type Level = 'debug' | 'info' | 'warn';

/** One line and one measurement for each request of a listener. A line has no URL, no secret and no subject. */
export class RequestLog {
  private readonly proxies: AddressSet;
  private readonly unavailable = new OnceAMinute();

  constructor(
    private readonly kind: ListenerKind,
    private readonly process: {
      readonly logger: Logger;
      readonly metrics: Metrics;
      readonly trustedProxies: readonly Network[];
    },
  ) {
    this.proxies = new AddressSet(process.trustedProxies);
  }

  /** Who asks, and by what name the request is known from here on: the answer says it too. */
  contextOf(request: Pick<FastifyRequest, 'headers' | 'socket'>): RequestContext {
    return new RequestContext(this.kind, request, () => this.proxies.includes(request.socket.remoteAddress));
  }

  answered(request: FastifyRequest, { statusCode: status, elapsedTime }: FastifyReply): void {
    const { metrics, logger } = this.process;
    const { method, routeOptions, context } = request;
    const route = routeOptions.url ?? 'unknown';
    metrics.observe({ listener: this.kind, method, route, status }, elapsedTime / 1000);
    const { correlationId: requestId, actor, clientId, refusal } = context;
    const ms = Math.round(elapsedTime * 1000) / 1000;
    const entry: Record<string, unknown> = { listener: this.kind, method, route, status, ms, requestId };
    if (actor !== this.kind) entry['caller'] = actor;
    if (clientId !== undefined) entry['client'] = clientId;
    if (routeOptions.url === undefined) entry['path'] = request.server.routeTable.outline(request.url);
    if (refusal === undefined) {
      const level: Level = routeOptions.config?.endpoint?.routine === true ? 'debug' : 'info';
      return logger[level](entry, 'answered');
    }
    Object.assign(entry, { address: callerAddress(request, this.proxies), ...refusal });
    logger[this.levelOf(status, refusal.cause)](entry, status === 503 ? 'unavailable' : 'refused');
  }

  /** Whatever keeps the server from answering does so for all who ask: one line a minute warns of it. */
  private levelOf(status: number, cause = ''): Level {
    return status === 503 && this.unavailable.isDue(kindOf(cause)) ? 'warn' : 'info';
  }
}

/** The same whichever stream, or number of milliseconds, it is about. */
function kindOf(cause: string): string {
  return cause.replace(/\bstream \S+|\bto \S+|\d+/g, '');
}
