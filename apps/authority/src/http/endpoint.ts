import { Header, HttpCode, RequestMapping, RequestMethod, applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type ProtocolError } from './errors/to-protocol-error.js';
import { type Permission } from './permission.js';

/** What a listener knows of a route beside its handler. It is declared once, and what is to hold for its requests follows from that. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the router writes it, `/clients/:id`. */
  readonly path: string;
  /**
   * The one consistency rule: an answer that depends on what is stored first waits until this instance's read model has applied all that
   * was acknowledged before the request came; in time, or 503. The wait is `first`, or the handler does it `itself`. What takes away
   * (DELETE) does `not` wait: it is decided on its own stream and recorded even when the read model cannot catch up.
   */
  readonly catchesUp: 'first' | 'itself' | 'not';
  /** What a caller of the Admin API needs to be answered; `open`: nothing. The public listener does not ask who calls. */
  readonly permission?: Permission | 'open';
  /** `INTROSPECTION_CONSISTENCY=bounded` counts: it may be answered from what was true less than a second ago. */
  readonly mayLag?: true;
  /** Of an answer without an error, unless the handler says another. */
  readonly status: 200 | 201 | 204;
  readonly contentType?: string;
  readonly cacheControl?: string;
  /** `Idempotency-Key` is honoured: the request would do something else when it is sent again (docs/adr/0009). */
  readonly repeatable?: true;
  /** What is answered when a parameter is empty and the path goes on after it: nothing has an empty name (admin-api.md 1.1). */
  readonly emptyName?: () => ProtocolError | 'done';
  /** Machines ask it every few seconds: its answers are logged at debug, unless they are refusals. */
  readonly routine?: true;
  /** A path nearly like it is not redirected to it. */
  readonly exact?: true;
};

/** Serves one operation at each path that it has. */
export function Route(...endpoints: readonly Endpoint[]): MethodDecorator {
  const [endpoint] = endpoints;
  if (endpoint === undefined) throw new TypeError('a route has at least one endpoint');
  const { method, status, contentType } = endpoint;
  return applyDecorators(
    RequestMapping({ path: endpoints.map(({ path }) => path), method: RequestMethod[method] }),
    RouteConfig(served(...endpoints)),
    HttpCode(status),
    ...(contentType === undefined ? [] : [Header('content-type', contentType)]),
  );
}

/** The `config` of a route that serves one of these. */
export function served(...endpoints: readonly Endpoint[]): { endpoints: readonly Endpoint[] } {
  return { endpoints };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route may be; which one it is, `endpoint` says once it is registered. */
    endpoints?: readonly Endpoint[];
    endpoint?: Endpoint;
  }
}
