import { handshakeOperations, sessionOperations } from './handshake-operations.js';
import { adminOperations, queryStyleOperations } from './later-operations.js';
import { type Operation, ok } from './operation.js';
import { clientOperations, keyOperations } from './registration-operations.js';
import { freeForm, ref, text } from './schema.js';
import { flush, introspection } from './token-operations.js';

/** Beside the Admin API: about the process itself. */
const operationalOperations: readonly Operation[] = [
  {
    tag: 'operation',
    ...{ method: 'get', path: '/health/alive', operationId: 'isInstanceAlive' },
    summary: 'Says that the process runs.',
    success: ok(ref('Health'), 'It runs'),
    errors: [],
  },
  {
    tag: 'operation',
    ...{ method: 'get', path: '/health/ready', operationId: 'isInstanceReady' },
    summary: 'Says whether the process can answer requests.',
    success: ok(ref('Health'), 'It can'),
    errors: [503],
    errorSchema: 'NotReady',
  },
  {
    tag: 'operation',
    ...{ method: 'get', path: '/version', operationId: 'getVersion' },
    summary: 'Says which version runs.',
    success: ok(ref('Version'), 'The version'),
    errors: [],
  },
  {
    tag: 'operation',
    ...{ method: 'get', path: '/metrics/prometheus', operationId: 'prometheus' },
    summary: 'Metrics, for Prometheus.',
    success: { 200: { description: 'Metrics', schema: text, contentType: 'text/plain' } },
    errors: [],
  },
  {
    tag: 'operation',
    ...{ method: 'get', path: '/openapi.json', operationId: 'getOpenApiDocument' },
    summary: 'This document.',
    success: ok(freeForm, 'An OpenAPI 3.1 document'),
    errors: [],
  },
];

/** Every operation of the admin listener. */
export const operations: readonly Operation[] = [
  ...clientOperations,
  ...keyOperations,
  ...handshakeOperations,
  ...sessionOperations,
  introspection,
  flush,
  ...queryStyleOperations,
  ...adminOperations,
  ...operationalOperations,
];
