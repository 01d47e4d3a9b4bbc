import { version } from '../config/version.js';
import { type AnswerDescription, type ErrorStatus, type Operation } from './operation.js';
import { documentedPath, headers, parametersOf } from './parameters.js';
import { type Schema, ref } from './schema.js';

const errorDescriptions: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request cannot be understood, or breaks a rule: the reason is in error_hint or error_debug',
  401: 'Nothing shows who calls, or what does is not valid (any more). Not with ADMIN_AUTH=none',
  403: 'The caller is not allowed this (not with ADMIN_AUTH=none), or a web page calls that is not listed in SERVE_ADMIN_ALLOWED_ORIGINS',
  404: 'There is no such thing',
  409: 'There is one already, or it was handled already; or the request was carried out before, and what it made is gone',
  412: 'The resource is not at the revision named by If-Match',
  413: 'The request, or what would be recorded of it, is larger than 1 MiB',
  421: 'The Admin API is not known by the name in Host; SERVE_ADMIN_ALLOWED_HOSTS lists names',
  422: 'The Idempotency-Key belongs to an earlier request with another body',
  503: 'The event log or the read model cannot answer in time: try again after Retry-After',
};

const description = `Administration of an OAuth 2.0 / OpenID Connect authority, compatible with ORY Hydra. Whether callers have to show who they are, the server is told by ADMIN_AUTH; without it whoever reaches the listener may do everything. What an operation needs stands with it, as the scopes of a bearer token.

The path says which generation of the API is spoken: v1.0.0-rc.8 without a prefix, v1.11 where the challenge or subject is in the query, v26.2 below \`/admin\`. Tags name the later ones.

Operation ids are those of the generation's own SDKs: of rc.8 always, of a later one where no other operation has that name; otherwise it is the name of rc.8 with the suffix \`V1\` (v1.11) or \`V26\` (v26.2). Schemas that differ from those of rc.8 have the same suffixes.

What matches no operation the router answers by itself: 404, 405 with Allow, or 301 and 307 to the path that was meant; 404 also when a path is not UTF-8.`;

const securitySchemes = {
  caller: {
    type: 'http',
    scheme: 'bearer',
    description:
      'With ADMIN_AUTH=token a token of `hydrant admin-tokens create`, with ADMIN_AUTH=jwt a JWT of the issuer that the server was told of (RFC 6750).',
  },
};

/** What a document is made of, in the order in which it has it. */
export type Described = {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
};

/** An OpenAPI 3.1 document of the admin listener, ready for `JSON.stringify`. */
export function openApiDocument({ operations, schemas }: Described): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    (paths[documentedPath(operation)] ??= {})[operation.method.toLowerCase()] = described(operation);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Hydrant Admin API',
      version,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [],
    paths,
    components: { schemas, headers, securitySchemes },
  };
}

function described(operation: Operation): object {
  const { operationId, tag, summary, body, permission } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(body.contentTypes, body.schema) } }),
    ...(permission === 'open' ? {} : { security: [{}, { caller: [permission] }] }),
    responses: responsesOf(operation),
  };
}

function responsesOf(operation: Operation): Record<string, object> {
  const { success, cacheControl, errorSchema = 'GenericError' } = operation;
  const responses: Record<string, object> = {};
  for (const [status, answer] of Object.entries(success)) {
    const own = [...(answer.headers ?? []), ...(cacheControl === undefined ? [] : ['Cache-Control'])];
    responses[status] = response({ ...answer, headers: records(operation) ? [...own, 'Hydrant-Position'] : own });
  }
  for (const status of errorsOf(operation))
    responses[status] = response({
      description: errorDescriptions[status],
      schema: ref(errorSchema),
      headers: errorHeaders(status, errorSchema),
    });
  return responses;
}

/** Those of its own, and those that what it asks for leads to. */
function errorsOf({ errors, repeatable, permission }: Operation): ReadonlySet<ErrorStatus> {
  const own = [...errors, ...(repeatable === true ? ([409, 422] as const) : [])];
  return new Set(permission === 'open' ? own : [...own, 401, 403, 421, 503]);
}

function errorHeaders(status: ErrorStatus, errorSchema: string): readonly string[] {
  if (status === 401 || status === 403) return ['WWW-Authenticate'];
  return status === 503 && errorSchema !== 'NotReady' ? ['Retry-After'] : [];
}

function records({ method, readsOnly }: Operation): boolean {
  return method !== 'GET' && readsOnly !== true;
}

function response({ description, schema, contentType, headers = [] }: AnswerDescription): object {
  const shown = headers.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return {
    description,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(shown) as object }),
    ...(schema === undefined ? {} : { content: content([contentType ?? 'application/json'], schema) }),
  };
}

function content(contentTypes: readonly string[], schema: Schema): object {
  return Object.fromEntries(contentTypes.map((contentType) => [contentType, { schema }]));
}
