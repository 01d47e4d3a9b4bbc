import { handshakeOperations, sessionOperations } from './handshake-operations.js';
import { laterSchemas } from './later-schemas.js';
import { type AnswerDescription, type ErrorStatus, type Operation, nothing, ok } from './operation.js';
import { clientOperations, keyOperations } from './registration-operations.js';
import { type Schema, ref } from './schema.js';
import { introspection } from './token-operations.js';

/** What ids, schemas and tags of a later generation are told apart by. */
type Suffix = 'V1' | 'V26';

/**
 * Operation ids. At the paths of rc.8 they are those of its SDKs. Of a later generation they are what its own SDKs say (v1.11, v26.2)
 * where nothing else in the document has that name, as listed here; otherwise the name of rc.8 with the suffix of the generation.
 */
const namesInSdks: Readonly<Record<Suffix, Readonly<Record<string, string>>>> = {
  V1: { listUserConsentSessions: 'listSubjectConsentSessions', revokeAllUserConsentSessions: 'revokeConsentSessions' },
  V26: {
    patchOAuth2Client: 'patchOAuth2Client',
    updateOAuth2Client: 'setOAuth2Client',
    updateJsonWebKeySet: 'setJsonWebKeySet',
    updateJsonWebKey: 'setJsonWebKey',
    getLoginRequest: 'getOAuth2LoginRequest',
    acceptLoginRequest: 'acceptOAuth2LoginRequest',
    rejectLoginRequest: 'rejectOAuth2LoginRequest',
    getConsentRequest: 'getOAuth2ConsentRequest',
    acceptConsentRequest: 'acceptOAuth2ConsentRequest',
    rejectConsentRequest: 'rejectOAuth2ConsentRequest',
    listUserConsentSessions: 'listOAuth2ConsentSessions',
    revokeAllUserConsentSessions: 'revokeOAuth2ConsentSessions',
    revokeAuthenticationSession: 'revokeOAuth2LoginSessions',
  },
};

/** What the parameters of pages are called below `/admin`. */
const laterPages: Readonly<Record<string, string>> = { limit: 'page_size', offset: 'page_token' };

/** What is asked for below `/admin` alone. */
const laterQuery: Readonly<Record<string, readonly string[]>> = {
  listUserConsentSessions: ['login_session_id'],
  revokeAuthenticationSession: ['sid'],
};

/** The operations of v1.11 whose paths differ from those of rc.8, with the names that rc.8 has for them. */
const byQuery: readonly Operation[] = [
  ...handshakeOperations.map(challengeInQuery),
  ...sessionOperations.filter(({ path }) => !path.endsWith('/{client}')).map(subjectInQuery),
];

/** Query style: v1.11 (admin-api.md 4). */
export const queryStyleOperations: readonly Operation[] = byQuery.map((row) => inGeneration(row, 'V1'));

/** What is below `/admin`, without that, with the names that rc.8 has. */
const prefixed: readonly Operation[] = [
  ...clientOperations.map(laterClient),
  {
    tag: 'clients',
    ...{ method: 'patch', path: '/clients/{id}', operationId: 'patchOAuth2Client' },
    summary: 'Changes a client, shown as GET shows it, by a JSON Patch (RFC 6902). All of it is applied, or nothing.',
    conditional: true,
    body: {
      contentTypes: ['application/json-patch+json', 'application/json'],
      schema: ref('JsonPatch'),
    },
    success: ok(ref('RegisteredOAuth2Client'), 'The client as it is now', ['ETag']),
    errors: [400, 404, 412, 413, 503],
  },
  ...keyOperations,
  ...byQuery,
  introspection,
];

/** Everything below `/admin`: v26.2 (admin-api.md 4). */
export const adminOperations: readonly Operation[] = prefixed.map((row) => inGeneration(belowAdmin(row), 'V26'));

/** Login and consent requests: 410 once used, not 409; and a consent request is then not decided again. */
function challengeInQuery(row: Operation): Operation {
  const common = {
    ...row,
    path: row.path.replace('/{challenge}', ''),
    query: [`${row.tag}_challenge`, 'challenge'],
  };
  if (row.method !== 'get') return { ...common, errors: withError(row.errors, 409) };
  const used = { description: 'It was used: where the browser can begin anew', schema: ref('CompletedRequest') };
  return { ...common, success: { ...row.success, 410: used }, errors: row.errors.filter((status) => status !== 409) };
}

/** Sessions: 204 although there is nothing to revoke; consents at all clients or at one by the same operation; pages with links. */
function subjectInQuery(row: Operation): Operation {
  const path = row.path.replace('/{user}', '');
  const errors = row.errors.filter((status) => status !== 404);
  if (row.method === 'get') {
    const query = ['subject', ...(row.query ?? [])];
    return { ...row, path, query, success: withHeaders(row.success, ['Link', 'X-Total-Count']), errors };
  }
  if (row.tag === 'login') return { ...row, path, query: ['subject'], errors };
  return {
    ...{ ...row, path, errors },
    query: ['subject', 'client', 'all'],
    summary: 'Revokes consents of a subject, to one client or with all=true to all, with the tokens issued under them.',
    success: nothing('There are no such consents any more'),
  };
}

/** Clients below `/admin`: listed by pages with links; deleting one that is not there is 404. */
function laterClient(row: Operation): Operation {
  if (row.operationId === 'deleteOAuth2Client') {
    return { ...row, success: nothing('The client is gone'), errors: withError(row.errors, 404) };
  }
  if (row.operationId !== 'listOAuth2Clients') return row;
  return { ...row, query: [...(row.query ?? []), 'client_name', 'owner'], success: withHeaders(row.success, ['Link']) };
}

function belowAdmin(row: Operation): Operation {
  const caching = row.method === 'get' ? ['Cache-Control'] : [];
  const success = withHeaders(row.success, caching, ['X-Total-Count']);
  const common = { ...row, path: `/admin${row.path}`, success };
  const query = [...(row.query ?? []), ...(laterQuery[row.operationId] ?? [])].map((name) => laterPages[name] ?? name);
  return query.length === 0 ? common : { ...common, query };
}

function inGeneration(row: Operation, suffix: Suffix): Operation {
  const { operationId, tag, body, success } = row;
  const answers = Object.entries(success).map(([status, answer]): [string, AnswerDescription] => [
    status,
    answer.schema === undefined ? answer : { ...answer, schema: schemaIn(answer.schema, suffix) },
  ]);
  return {
    ...row,
    operationId: namesInSdks[suffix][operationId] ?? `${operationId}${suffix}`,
    tag: `${tag} ${suffix === 'V1' ? 'v1.11' : 'v26.2'}`,
    ...(body === undefined ? {} : { body: { ...body, schema: schemaIn(body.schema, suffix) } }),
    success: Object.fromEntries(answers),
  };
}

/** A reference to what the schema is called in this generation, where it has another one than rc.8. */
function schemaIn(schema: Schema, suffix: Suffix): Schema {
  if (schema['type'] === 'array') return { ...schema, items: schemaIn(schema['items'] as Schema, suffix) };
  const name = /\w+$/.exec(String(schema['$ref']))?.[0] ?? '';
  return `${name}${suffix}` in laterSchemas ? ref(`${name}${suffix}`) : schema;
}

function withError(errors: readonly ErrorStatus[], status: ErrorStatus): ErrorStatus[] {
  return [...new Set([...errors, status])].sort();
}

/** The same answers with headers more and less. */
function withHeaders(
  success: Operation['success'],
  more: readonly string[],
  less: readonly string[] = [],
): Operation['success'] {
  const changed = Object.entries(success).map(([status, answer]): [string, AnswerDescription] => {
    const headers = [...(answer.headers ?? []), ...more].filter((name) => !less.includes(name));
    return [status, { ...answer, headers }];
  });
  return Object.fromEntries(changed);
}
