import { json, nothing, ok } from '../../openapi/operation.js';
import { listOf, ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';

const tag = 'clients';

export const createClient = adminOperation(
  {
    ...{ tag, method: 'POST', path: '/clients', catchesUp: 'first', repeatable: true, confidential: true },
    permission: 'clients:write',
    summary: 'Registers a client. The answer is the only one that shows a generated secret.',
    body: json('OAuth2ClientRegistration'),
    success: {
      201: { description: 'The client', schema: ref('RegisteredOAuth2Client'), headers: ['Location', 'ETag'] },
    },
    errors: [400, 409, 413, 503],
  },
  {
    rc8: { operationId: 'createOAuth2Client' },
    v262: {
      operationId: 'createOAuth2ClientV26',
      body: json('OAuth2ClientRegistrationV26'),
      success: {
        201: { description: 'The client', schema: ref('RegisteredOAuth2ClientV26'), headers: ['Location', 'ETag'] },
      },
    },
  },
);

export const listClients = adminOperation(
  {
    ...{ tag, method: 'GET', path: '/clients', catchesUp: 'first' },
    permission: 'clients:read',
    summary: 'Lists clients, by id.',
    query: ['limit', 'offset'],
    success: ok(listOf(ref('OAuth2Client')), 'A page of clients'),
    errors: [400, 503],
  },
  {
    rc8: { operationId: 'listOAuth2Clients' },
    v262: {
      operationId: 'listOAuth2ClientsV26',
      query: ['page_size', 'page_token', 'client_name', 'owner'],
      success: ok(listOf(ref('OAuth2ClientV26')), 'A page of clients', ['Link']),
    },
  },
);

export const getClient = adminOperation(
  {
    ...{ tag, method: 'GET', path: '/clients/:id', catchesUp: 'itself' },
    permission: 'clients:read',
    summary: 'Shows a client.',
    success: ok(ref('OAuth2Client'), 'The client', ['ETag']),
    errors: [400, 404, 503],
  },
  {
    rc8: { operationId: 'getOAuth2Client' },
    v262: { operationId: 'getOAuth2ClientV26', success: ok(ref('OAuth2ClientV26'), 'The client', ['ETag']) },
  },
);

export const updateClient = adminOperation(
  {
    ...{ tag, method: 'PUT', path: '/clients/:id', catchesUp: 'first', conditional: true, confidential: true },
    permission: 'clients:write',
    summary: 'Replaces a registration. Members that are absent get their default; the secret is kept.',
    body: json('OAuth2ClientRegistration'),
    success: ok(ref('RegisteredOAuth2Client'), 'The client as it is now'),
    errors: [400, 404, 412, 413, 503],
  },
  {
    rc8: { operationId: 'updateOAuth2Client' },
    v262: {
      operationId: 'setOAuth2Client',
      body: json('OAuth2ClientRegistrationV26'),
      success: ok(ref('RegisteredOAuth2ClientV26'), 'The client as it is now'),
    },
  },
);

export const deleteClient = adminOperation(
  {
    ...{ tag, method: 'DELETE', path: '/clients/:id', catchesUp: 'not', conditional: true },
    permission: 'clients:write',
    summary: 'Deletes a client with its tokens, consents and pending requests.',
    success: nothing('The client is gone, or there was none'),
    errors: [400, 412, 413, 503],
  },
  {
    rc8: { operationId: 'deleteOAuth2Client' },
    v262: {
      operationId: 'deleteOAuth2ClientV26',
      success: nothing('The client is gone'),
      errors: [400, 404, 412, 413, 503],
    },
  },
);

/** Since v1.10.2; rc.8 refuses the method where its own paths are (admin-api.md 4). */
export const patchClient = adminOperation(
  {
    ...{ tag, method: 'PATCH', path: '/clients/:id', catchesUp: 'first', conditional: true, confidential: true },
    permission: 'clients:write',
    summary: 'Changes a client, shown as GET shows it, by a JSON Patch (RFC 6902). All of it is applied, or nothing.',
    body: { contentTypes: ['application/json-patch+json', 'application/json'], schema: ref('JsonPatch') },
    success: ok(ref('RegisteredOAuth2ClientV26'), 'The client as it is now', ['ETag']),
    errors: [400, 404, 412, 413, 503],
  },
  { v262: { operationId: 'patchOAuth2Client' } },
);

/** Clients (admin-api.md 2.1 to 2.5). */
export const clientOperations = [
  ...[...createClient, ...listClients, ...getClient, ...updateClient, ...deleteClient],
  ...patchClient,
];
