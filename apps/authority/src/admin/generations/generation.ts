import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyInstance, type FastifyRequest } from 'fastify';

/**
 * The generation of the Admin API a request speaks (admin-api.md 4): `rc.8` at the paths all had, `v1.11` where the challenge or
 * subject is in the query, `v26.2` below `/admin`.
 */
export type Generation = 'rc.8' | 'v1.11' | 'v26.2';

const queryStyle =
  /^\/oauth2\/auth\/(?:requests\/(?:login|consent)(?:\/accept|\/reject)?|sessions\/(?:login|consent))$/;

/** The only place that tells generations apart: by the template of the route. */
export function generationOf(route: string | undefined): Generation {
  if (route?.startsWith('/admin/') === true) return 'v26.2';
  return route !== undefined && queryStyle.test(route) ? 'v1.11' : 'rc.8';
}

/** Injects the `Generation` of the request. */
export const ApiGeneration = createParamDecorator((_data: unknown, context: ExecutionContext): Generation =>
  generationOf(context.switchToHttp().getRequest<FastifyRequest>().routeOptions.url),
);

/** What stands in front of the paths of a generation, as in a `Location`. */
export function pathPrefix(generation: Generation): '/admin' | '' {
  return generation === 'v26.2' ? '/admin' : '';
}

/** Reads below `/admin` are not to be kept by caches (admin-api.md 4.2). */
export function forbidCaching(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET' && generationOf(request.routeOptions.url) === 'v26.2') {
      void reply.header('cache-control', 'private, no-cache, no-store, must-revalidate');
    }
    done();
  });
}
