import { type Operation, json, nothing, ok } from './operation.js';
import { listOf, ref } from './schema.js';

const page = ['limit', 'offset'];
const clients = { tag: 'clients' } as const;
const keys = { tag: 'keys' } as const;

/** Clients (admin-api.md 2.1 to 2.5). */
export const clientOperations: readonly Operation[] = [
  {
    ...clients,
    ...{ method: 'post', path: '/clients', operationId: 'createOAuth2Client' },
    summary: 'Registers a client. The answer is the only one that shows a generated secret.',
    repeatable: true,
    body: json('OAuth2ClientRegistration'),
    success: {
      201: { description: 'The client', schema: ref('RegisteredOAuth2Client'), headers: ['Location', 'ETag'] },
    },
    errors: [400, 409, 413, 503],
  },
  {
    ...clients,
    ...{ method: 'get', path: '/clients', operationId: 'listOAuth2Clients' },
    summary: 'Lists clients, by id.',
    query: page,
    success: ok(listOf(ref('OAuth2Client')), 'A page of clients'),
    errors: [400, 503],
  },
  {
    ...clients,
    ...{ method: 'get', path: '/clients/{id}', operationId: 'getOAuth2Client' },
    summary: 'Shows a client.',
    success: ok(ref('OAuth2Client'), 'The client', ['ETag']),
    errors: [400, 404, 503],
  },
  {
    ...clients,
    ...{ method: 'put', path: '/clients/{id}', operationId: 'updateOAuth2Client' },
    summary: 'Replaces a registration. Members that are absent get their default; the secret is kept.',
    conditional: true,
    body: json('OAuth2ClientRegistration'),
    success: ok(ref('RegisteredOAuth2Client'), 'The client as it is now'),
    errors: [400, 404, 412, 413, 503],
  },
  {
    ...clients,
    ...{ method: 'delete', path: '/clients/{id}', operationId: 'deleteOAuth2Client' },
    summary: 'Deletes a client with its tokens, consents and pending requests.',
    conditional: true,
    success: nothing('The client is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
];

/** Key sets and keys (admin-api.md 2.6 to 2.12). */
export const keyOperations: readonly Operation[] = [
  {
    ...keys,
    ...{ method: 'post', path: '/keys/{set}', operationId: 'createJsonWebKeySet' },
    summary: 'Generates keys and adds them to a set.',
    repeatable: true,
    body: json('JsonWebKeySetGeneratorRequest'),
    success: { 201: { description: 'The new keys', schema: ref('JsonWebKeySet'), headers: ['Location'] } },
    errors: [400, 409, 413, 503],
  },
  {
    ...keys,
    ...{ method: 'get', path: '/keys/{set}', operationId: 'getJsonWebKeySet' },
    summary: 'Shows a set, newest keys first.',
    success: ok(ref('JsonWebKeySet'), 'The keys of the set', ['ETag']),
    errors: [400, 404, 503],
  },
  {
    ...keys,
    ...{ method: 'put', path: '/keys/{set}', operationId: 'updateJsonWebKeySet' },
    summary: 'Replaces all keys of a set.',
    conditional: true,
    body: json('JsonWebKeySetRequest'),
    success: ok(ref('PutJsonWebKeySet'), 'The keys as they were understood'),
    errors: [400, 409, 412, 413, 503],
  },
  {
    ...keys,
    ...{ method: 'delete', path: '/keys/{set}', operationId: 'deleteJsonWebKeySet' },
    summary: 'Deletes a set.',
    conditional: true,
    success: nothing('The set is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
  {
    ...keys,
    ...{ method: 'get', path: '/keys/{set}/{kid}', operationId: 'getJsonWebKey' },
    summary: 'Shows a key, as a set of one.',
    success: ok(ref('JsonWebKeySet'), 'The key', ['ETag']),
    errors: [400, 404, 503],
  },
  {
    ...keys,
    ...{ method: 'put', path: '/keys/{set}/{kid}', operationId: 'updateJsonWebKey' },
    summary: 'Adds or replaces a key. It goes by the kid in the body.',
    conditional: true,
    body: json('JsonWebKeyRequest'),
    success: ok(ref('JsonWebKey'), 'The key as it was understood'),
    errors: [400, 412, 413, 503],
  },
  {
    ...keys,
    ...{ method: 'delete', path: '/keys/{set}/{kid}', operationId: 'deleteJsonWebKey' },
    summary: 'Deletes a key.',
    conditional: true,
    success: nothing('The key is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
];
