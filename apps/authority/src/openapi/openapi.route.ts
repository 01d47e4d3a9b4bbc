import { type FastifyInstance } from 'fastify';
import { openApiDocument } from './document.js';

/** Serves the OpenAPI document of the Admin API on its own listener. */
export function openApiRoute(server: FastifyInstance): void {
  const document = JSON.stringify(openApiDocument());
  server.get('/openapi.json', { config: { catchesUpItself: true } }, async (_request, reply) =>
    reply.header('content-type', 'application/json').send(document),
  );
}
