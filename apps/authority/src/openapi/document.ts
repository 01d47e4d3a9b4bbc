import { version } from '../version.js';
import { clientSchemas } from './client-schemas.js';
import { handshakeSchemas } from './handshake-schemas.js';
import { keySchemas } from './key-schemas.js';
import { type AnswerDescription, type ErrorStatus, type Operation } from './operation.js';
import { operations } from './operations.js';
import { type Schema, ref } from './schema.js';
import { tokenSchemas } from './token-schemas.js';

const errorDescriptions: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request cannot be understood, or breaks a rule: the reason is in error_hint or error_debug',
  404: 'There is no such thing',
  409: 'There is one already, or it was handled already',
  412: 'The resource is not at the revision named by If-Match',
  413: 'The request, or what would be recorded of it, is larger than 1 MiB',
  503: 'The event log or the read model cannot answer in time: try again after Retry-After',
};

const queryParameters: Readonly<Record<string, { description: string; schema: Schema }>> = {
  limit: { description: 'How many, at most', schema: { type: 'integer', minimum: 0, maximum: 500, default: 100 } },
  offset: { description: 'How many to leave out', schema: { type: 'integer', minimum: 0, default: 0 } },
};

/** The Admin API as an OpenAPI 3.1 document, ready for `JSON.stringify`. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = described(operation);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Hydrant Admin API',
      version,
      description:
        'Administration of an OAuth 2.0 / OpenID Connect authority, compatible with ORY Hydra v1.0.0-rc.8. The listener is for administrators: it asks nobody who they are.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:4445' }],
    paths,
    components: { schemas: { ...clientSchemas, ...keySchemas, ...handshakeSchemas, ...tokenSchemas } },
  };
}

function described(operation: Operation): object {
  const { operationId, tag, summary, body } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(body.contentTypes, body.schema) } }),
    responses: responsesOf(operation),
  };
}

function parametersOf({ path, query = [], conditional }: Operation): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
  const ifMatch = {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag it was read with',
    schema: { type: 'string' },
  };
  return [
    ...inPath,
    ...query.map((name) => ({ name, in: 'query', ...queryParameters[name] })),
    ...(conditional === true ? [ifMatch] : []),
  ];
}

function responsesOf({ success, errors, errorSchema = 'GenericError' }: Operation): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const [status, answer] of Object.entries(success)) responses[status] = response(answer);
  for (const status of errors)
    responses[status] = response({
      description: errorDescriptions[status],
      schema: ref(errorSchema),
      headers: status === 503 && errorSchema !== 'NotReady' ? ['Retry-After'] : [],
    });
  return responses;
}

function response({ description, schema, contentType, headers = [] }: AnswerDescription): object {
  const shown = headers.map((name) => [name, { schema: { type: 'string' } }]);
  return {
    description,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(shown) as object }),
    ...(schema === undefined ? {} : { content: content([contentType ?? 'application/json'], schema) }),
  };
}

function content(contentTypes: readonly string[], schema: Schema): object {
  return Object.fromEntries(contentTypes.map((contentType) => [contentType, { schema }]));
}
