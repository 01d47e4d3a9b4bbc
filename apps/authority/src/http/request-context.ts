import { type Attribution, type Idempotency, type Position } from '#libs/event-store';
import { uuidV7 } from '#libs/crypto';
import { type FastifyRequest } from 'fastify';
import { type Refusal } from './refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
  }
}

/** Who asks, as it goes into the metadata of every event the request leads to; and how far the log went for it. */
export class RequestContext implements Attribution {
  /** What error bodies call the request: `X-Request-Id` as sent (admin-api.md 1.5), else `correlationId`. */
  readonly requestId: string;
  /** What the log, events and the answer's `X-Request-Id` call it. */
  readonly correlationId: string;
  readonly reason?: string;
  readonly traceparent?: string;
  /** What the caller may do. */
  may: 'everything' | readonly string[] = 'everything';
  /** Whether whoever let the caller in has waited for the log already (`Endpoint.catchesUp`). */
  caughtUp = false;
  /** The client that the request is about, once there is one. */
  clientId: string | undefined;
  /** Why the request is about to be refused, where its caller is told less. */
  detail: string | undefined;
  /** Why it was refused. */
  refusal: Refusal | undefined;
  /** Of the last event this request appended. */
  position: Position | undefined;
  /** By what a repeat of the request is known, when it has an `Idempotency-Key`. */
  idempotency: Idempotency | undefined;

  /**
   * What strangers say of themselves is not recorded: only an administrator gives a reason, and only one or a proxy in front names
   * the request.
   */
  constructor(
    /** The listener, until the caller has a name; `hydrant`: this process itself. */
    public actor: string,
    request: Pick<FastifyRequest, 'headers'>,
    cameByProxy: () => boolean = () => false,
  ) {
    const sent = header(request, 'x-request-id') ?? '';
    const isName = /^[\x20-\x7e]{1,128}$/.test(sent);
    this.correlationId = isName && (actor === 'admin' || cameByProxy()) ? sent : uuidV7(new Date());
    this.requestId = sent === '' ? this.correlationId : sent;
    const reason = actor === 'admin' ? header(request, 'x-reason') : undefined;
    if (reason !== undefined && reason !== '') this.reason = reason.slice(0, 500);
    const traceparent = header(request, 'traceparent');
    if (traceparent !== undefined && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent))
      this.traceparent = traceparent;
  }
}

function header(request: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
