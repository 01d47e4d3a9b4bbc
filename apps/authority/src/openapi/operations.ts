import { handshakeOperations, sessionOperations } from './handshake-operations.js';
import { type Operation, json, nothing, ok } from './operation.js';
import { clientOperations, keyOperations } from './registration-operations.js';
import { freeForm, ref, text } from './schema.js';

/** Tokens (admin-api.md 2.23, 2.24). */
const tokenOperations: readonly Operation[] = [
  {
    tag: 'tokens',
    ...{ method: 'post', path: '/oauth2/introspect', operationId: 'introspectOAuth2Token' },
    summary: 'Says whether a token is active, and what it stands for (RFC 7662).',
    body: {
      contentTypes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
      schema: ref('IntrospectionForm'),
    },
    success: ok(ref('OAuth2TokenIntrospection'), 'What the token stands for, if it is active'),
    errors: [400, 413, 503],
    errorSchema: 'OAuth2Error',
  },
  {
    tag: 'tokens',
    ...{ method: 'post', path: '/oauth2/flush', operationId: 'flushInactiveOAuth2Tokens' },
    summary: 'Forgets access tokens that have expired.',
    body: json('FlushInactiveOAuth2TokensRequest'),
    success: nothing('They are forgotten'),
    errors: [400, 413, 503],
  },
];

/** Beside the 24 operations: about the process itself. */
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
  ...tokenOperations,
  ...operationalOperations,
];
