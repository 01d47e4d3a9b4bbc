import { ok, operation } from '../openapi/operation.js';
import { type Schema, answerModel, ref, text } from '../openapi/schema.js';

const common = { method: 'GET', catchesUp: 'not', permission: 'open', tag: 'operation', routine: true } as const;

export const isAlive = operation({
  ...{ ...common, path: '/health/alive', operationId: 'isInstanceAlive' },
  summary: 'Says that the process runs.',
  success: ok(ref('Health'), 'It runs'),
  errors: [],
});

export const isReady = operation({
  ...{ ...common, path: '/health/ready', operationId: 'isInstanceReady' },
  summary: 'Says whether the process can answer requests.',
  success: ok(ref('Ready'), 'It can. `warnings.relay`: why changes do not reach Kafka just now'),
  errors: [503],
  errorSchema: 'NotReady',
});

export const getVersion = operation({
  ...{ ...common, path: '/version', operationId: 'getVersion' },
  summary: 'Says which version runs.',
  success: ok(ref('Version'), 'The version'),
  errors: [],
});

export const prometheus = operation({
  ...{ ...common, path: '/metrics/prometheus', operationId: 'prometheus' },
  summary: 'Metrics, for Prometheus.',
  success: { 200: { description: 'Metrics', schema: text, contentType: 'text/plain' } },
  errors: [],
});

/** About the process itself; `isAlive` and `isReady` are for the public too. */
export const healthOperations = [isAlive, isReady, getVersion, prometheus];

export const healthSchemas: Readonly<Record<string, Schema>> = {
  Health: answerModel({ status: { const: 'ok' } }),
  Ready: answerModel({ status: { const: 'ok' } }, { warnings: answerModel({}, { relay: text }) }),
  NotReady: answerModel({ errors: { type: 'object', additionalProperties: text } }, { reason: text }),
  Version: answerModel({ version: text }),
};
