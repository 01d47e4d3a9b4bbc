import { type FastifyInstance } from 'fastify';
import { served } from '../http/endpoint.js';
import { ok, operation } from './operation.js';
import { freeForm } from './schema.js';

export const getOpenApiDocument = operation({
  ...{ method: 'GET', path: '/openapi.json', catchesUp: 'not', permission: 'open' },
  tag: 'operation',
  operationId: 'getOpenApiDocument',
  summary: 'This document.',
  success: ok(freeForm, 'An OpenAPI 3.1 document'),
  errors: [],
});

/** Serves an OpenAPI document on the listener it describes. */
export function openApiRoute(server: FastifyInstance, document: object): void {
  const text = JSON.stringify(document);
  server.get(getOpenApiDocument.path, { config: served(getOpenApiDocument) }, async (_request, reply) =>
    reply.header('content-type', 'application/json').send(text),
  );
}
