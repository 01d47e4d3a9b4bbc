import { notFound } from '../../http/errors/admin-error.js';
import { json, ok } from '../../openapi/operation.js';
import { ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';
import { completed, usedRequest } from '../handshake/handshake-schemas.js';
import { requestPaths } from '../handshake/request-paths.js';

const request = { tag: 'login', catchesUp: 'itself' } as const;
const shown = requestPaths('login', '');
const accepted = requestPaths('login', '/accept');
const rejected = requestPaths('login', '/reject');

export const getLoginRequest = adminOperation(
  {
    ...{ ...request, method: 'GET', ...shown.inPath, confidential: true },
    permission: 'login:read',
    summary: 'Shows a login request to its app, until the browser has come back from it.',
    success: ok(ref('LoginRequest'), 'The login request'),
    errors: [400, 404, 409, 503],
  },
  {
    rc8: { operationId: 'getLoginRequest' },
    v111: {
      ...{ ...shown.inQuery, operationId: 'getLoginRequestV1' },
      success: { ...ok(ref('LoginRequestV1'), 'The login request'), 410: usedRequest },
      errors: [400, 404, 503],
    },
    v262: {
      ...{ ...shown.inQuery, operationId: 'getOAuth2LoginRequest' },
      success: { ...ok(ref('LoginRequestV26'), 'The login request'), 410: usedRequest },
      errors: [400, 404, 503],
    },
  },
);

export const acceptLoginRequest = adminOperation(
  {
    ...{ ...request, method: 'PUT', ...accepted.inPath, repeatable: true, emptyName: notFound, confidential: true },
    permission: 'login:write',
    summary: 'Accepts a login request.',
    body: json('AcceptLoginRequest'),
    success: completed,
    errors: [400, 404, 409, 413, 503],
  },
  {
    rc8: { operationId: 'acceptLoginRequest' },
    v111: { ...accepted.inQuery, operationId: 'acceptLoginRequestV1', body: json('AcceptLoginRequestV1') },
    v262: { ...accepted.inQuery, operationId: 'acceptOAuth2LoginRequest', body: json('AcceptLoginRequestV26') },
  },
);

export const rejectLoginRequest = adminOperation(
  {
    ...{ ...request, method: 'PUT', ...rejected.inPath, repeatable: true, emptyName: notFound, confidential: true },
    permission: 'login:write',
    summary: 'Rejects a login request.',
    body: json('RejectRequest'),
    success: completed,
    errors: [400, 404, 409, 413, 503],
  },
  {
    rc8: { operationId: 'rejectLoginRequest' },
    v111: { ...rejected.inQuery, operationId: 'rejectLoginRequestV1' },
    v262: { ...rejected.inQuery, operationId: 'rejectOAuth2LoginRequest', body: json('RejectRequestV26') },
  },
);

/** Login requests (admin-api.md 2.13 to 2.15). Only a login is decided once, so in rc.8 only it has 409 then. */
export const loginOperations = [...getLoginRequest, ...acceptLoginRequest, ...rejectLoginRequest];
