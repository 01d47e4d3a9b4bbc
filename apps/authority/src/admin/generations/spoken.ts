import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type ApiGeneration } from './generation.js';
import { rc8 } from './rc8.js';
import { v111 } from './v1-11.js';
import { v262 } from './v26-2.js';

const queryStyle =
  /^\/oauth2\/auth\/(?:requests\/(?:login|consent)(?:\/accept|\/reject)?|sessions\/(?:login|consent))$/;

/** The only place that tells generations apart: by the template of the route. */
function generationOf(route: string | undefined): ApiGeneration {
  if (route?.startsWith('/admin/') === true) return v262;
  return route !== undefined && queryStyle.test(route) ? v111 : rc8;
}

/** Whether a path is one where rc.8 has no operation, although it would be one of its own with a parameter left out. */
export function isQueryStyle(route: string): boolean {
  return generationOf(route) === v111;
}

/** Injects the `ApiGeneration` that a request speaks. */
export const Generation = createParamDecorator((_data: unknown, context: ExecutionContext): ApiGeneration =>
  generationOf(context.switchToHttp().getRequest<FastifyRequest>().routeOptions.url),
);

/** Says of reads whether caches may keep them. */
export function forbidCaching(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { cacheControl } = generationOf(request.routeOptions.url);
    if (request.method === 'GET' && cacheControl !== undefined) void reply.header('cache-control', cacheControl);
    done();
  });
}
