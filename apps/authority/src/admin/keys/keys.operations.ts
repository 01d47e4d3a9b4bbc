import { rowNotFound } from '../../http/errors/admin-error.js';
import { nameless } from '../../http/empty-name.js';
import { json, nothing, ok } from '../../openapi/operation.js';
import { ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';

const set = { tag: 'keys', path: '/keys/:set' } as const;
const key = { tag: 'keys', path: '/keys/:set/:kid' } as const;

export const generateKeys = adminOperation(
  {
    ...{ ...set, method: 'POST', catchesUp: 'first', repeatable: true, confidential: true },
    permission: 'keys:write',
    summary: 'Generates keys and adds them to a set.',
    body: json('JsonWebKeySetGeneratorRequest'),
    success: { 201: { description: 'The new keys', schema: ref('JsonWebKeySet'), headers: ['Location'] } },
    errors: [400, 409, 413, 503],
  },
  {
    rc8: { operationId: 'createJsonWebKeySet' },
    v262: { operationId: 'createJsonWebKeySetV26', body: json('JsonWebKeySetGeneratorRequestV26') },
  },
);

export const getKeySet = adminOperation(
  {
    ...{ ...set, method: 'GET', catchesUp: 'first', confidential: true },
    permission: 'keys:read',
    summary: 'Shows a set, newest keys first.',
    success: ok(ref('JsonWebKeySet'), 'The keys of the set', ['ETag']),
    errors: [400, 404, 503],
  },
  { rc8: { operationId: 'getJsonWebKeySet' }, v262: { operationId: 'getJsonWebKeySetV26' } },
);

export const putKeySet = adminOperation(
  {
    ...{ ...set, method: 'PUT', catchesUp: 'first', conditional: true, confidential: true },
    permission: 'keys:write',
    summary: 'Replaces all keys of a set.',
    body: json('JsonWebKeySetRequest'),
    success: ok(ref('PutJsonWebKeySet'), 'The keys as they were understood'),
    errors: [400, 409, 412, 413, 503],
  },
  { rc8: { operationId: 'updateJsonWebKeySet' }, v262: { operationId: 'setJsonWebKeySet' } },
);

export const deleteKeySet = adminOperation(
  {
    ...{ ...set, method: 'DELETE', catchesUp: 'not', conditional: true },
    permission: 'keys:write',
    summary: 'Deletes a set.',
    success: nothing('The set is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
  { rc8: { operationId: 'deleteJsonWebKeySet' }, v262: { operationId: 'deleteJsonWebKeySetV26' } },
);

export const getKey = adminOperation(
  {
    ...{ ...key, method: 'GET', catchesUp: 'first', emptyName: rowNotFound, confidential: true },
    permission: 'keys:read',
    summary: 'Shows a key, as a set of one.',
    success: ok(ref('JsonWebKeySet'), 'The key', ['ETag']),
    errors: [400, 404, 503],
  },
  { rc8: { operationId: 'getJsonWebKey' }, v262: { operationId: 'getJsonWebKeyV26' } },
);

export const putKey = adminOperation(
  {
    ...{ ...key, method: 'PUT', catchesUp: 'first', emptyName: nameless, conditional: true, confidential: true },
    permission: 'keys:write',
    summary: 'Adds or replaces a key. It goes by the kid in the body.',
    body: json('JsonWebKeyRequest'),
    success: ok(ref('JsonWebKey'), 'The key as it was understood'),
    errors: [400, 412, 413, 503],
  },
  { rc8: { operationId: 'updateJsonWebKey' }, v262: { operationId: 'setJsonWebKey' } },
);

export const deleteKey = adminOperation(
  {
    ...{ ...key, method: 'DELETE', catchesUp: 'not', emptyName: () => 'done', conditional: true },
    permission: 'keys:write',
    summary: 'Deletes a key.',
    success: nothing('The key is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
  { rc8: { operationId: 'deleteJsonWebKey' }, v262: { operationId: 'deleteJsonWebKeyV26' } },
);

/** Key sets and keys (admin-api.md 2.6 to 2.12). */
export const keyOperations = [
  ...[...generateKeys, ...getKeySet, ...putKeySet, ...deleteKeySet],
  ...[...getKey, ...putKey, ...deleteKey],
];
