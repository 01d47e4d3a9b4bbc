import { type RootKey } from '#libs/crypto';
import { type ReadModel } from '#libs/read-model';
import {
  type FastifyInstance,
  type RouteOptions,
  type onRequestAsyncHookHandler,
  type onRequestHookHandler,
  type preHandlerHookHandler,
} from 'fastify';
import { catchUpHook } from './catch-up-hook.js';
import { type Endpoint } from './endpoint.js';
import { idempotencyKeyHook } from './idempotency-key.js';
import { minPositionHook } from './min-position-hook.js';

/**
 * Gives every route, as it is registered, the hooks that its declaration asks for, so that a request runs no others. A route that no
 * declaration names is refused: whether it has to wait for the log, nobody would have said.
 *
 * @param permissionHook what asks who calls, of listeners where that counts
 */
export function declaredRoutes(
  server: FastifyInstance,
  { readModel, root }: { readModel: ReadModel; root: RootKey },
  permissionHook: (endpoint: Endpoint) => onRequestAsyncHookHandler | undefined = () => undefined,
): void {
  const [catchUp, minPosition, idempotencyKey] = [
    catchUpHook(readModel),
    minPositionHook(readModel),
    idempotencyKeyHook(root),
  ];
  server.addHook('onRoute', (route) => {
    const endpoint = declared(route);
    const { catchesUp, repeatable, cacheControl } = endpoint;
    const before: preHandlerHookHandler[] = [
      ...(catchesUp === 'first' ? [catchUp] : []),
      ...(catchesUp === 'not' ? [] : [minPosition]),
      ...(repeatable === true ? [idempotencyKey] : []),
    ];
    route.config = { ...route.config, endpoint };
    if (before.length > 0) route.preHandler = before;
    const permitted = permissionHook(endpoint);
    const first = [
      ...(cacheControl === undefined ? [] : [cacheControlHook(cacheControl)]),
      ...(permitted === undefined ? [] : [permitted]),
    ];
    if (first.length > 0) route.onRequest = first;
    server.routeTable.add(endpoint);
  });
}

function declared({ method, url, config }: RouteOptions): Endpoint {
  const endpoint = config?.endpoints?.find((each) => each.method === method && each.path === url);
  if (endpoint === undefined) throw new TypeError(`${String(method)} ${url} is registered, but not declared`);
  return endpoint;
}

function cacheControlHook(value: string): onRequestHookHandler {
  return (_request, reply, done) => {
    void reply.header('cache-control', value);
    done();
  };
}
