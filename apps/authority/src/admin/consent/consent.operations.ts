import { notFound } from '../../http/errors/admin-error.js';
import { json, ok } from '../../openapi/operation.js';
import { ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';
import { completed, usedRequest } from '../handshake/handshake-schemas.js';
import { requestPaths } from '../handshake/request-paths.js';

const request = { tag: 'consent', catchesUp: 'first' } as const;
const shown = requestPaths('consent', '');
const accepted = requestPaths('consent', '/accept');
const rejected = requestPaths('consent', '/reject');

export const getConsentRequest = adminOperation(
  {
    ...{ ...request, method: 'GET', ...shown.inPath, confidential: true },
    permission: 'consent:read',
    summary: 'Shows a consent request to its app, until the browser has come back from it.',
    success: ok(ref('ConsentRequest'), 'The consent request'),
    errors: [400, 404, 409, 503],
  },
  {
    rc8: { operationId: 'getConsentRequest' },
    v111: {
      ...{ ...shown.inQuery, operationId: 'getConsentRequestV1' },
      success: { ...ok(ref('ConsentRequestV1'), 'The consent request'), 410: usedRequest },
      errors: [400, 404, 503],
    },
    v262: {
      ...{ ...shown.inQuery, operationId: 'getOAuth2ConsentRequest' },
      success: { ...ok(ref('ConsentRequestV26'), 'The consent request'), 410: usedRequest },
      errors: [400, 404, 503],
    },
  },
);

export const acceptConsentRequest = adminOperation(
  {
    ...{ ...request, method: 'PUT', ...accepted.inPath, repeatable: true, emptyName: notFound, confidential: true },
    permission: 'consent:write',
    summary: 'Accepts a consent request.',
    body: json('AcceptConsentRequest'),
    success: completed,
    errors: [400, 404, 413, 503],
  },
  {
    rc8: { operationId: 'acceptConsentRequest' },
    v111: {
      ...accepted.inQuery,
      operationId: 'acceptConsentRequestV1',
      body: json('AcceptConsentRequestV1'),
      errors: [400, 404, 409, 413, 503],
    },
    v262: {
      ...accepted.inQuery,
      operationId: 'acceptOAuth2ConsentRequest',
      body: json('AcceptConsentRequestV26'),
      errors: [400, 404, 409, 413, 503],
    },
  },
);

export const rejectConsentRequest = adminOperation(
  {
    ...{ ...request, method: 'PUT', ...rejected.inPath, repeatable: true, emptyName: notFound, confidential: true },
    permission: 'consent:write',
    summary: 'Rejects a consent request.',
    body: json('RejectRequest'),
    success: completed,
    errors: [400, 404, 413, 503],
  },
  {
    rc8: { operationId: 'rejectConsentRequest' },
    v111: { ...rejected.inQuery, operationId: 'rejectConsentRequestV1', errors: [400, 404, 409, 413, 503] },
    v262: {
      ...rejected.inQuery,
      operationId: 'rejectOAuth2ConsentRequest',
      body: json('RejectRequestV26'),
      errors: [400, 404, 409, 413, 503],
    },
  },
);

/** Consent requests (admin-api.md 2.16 to 2.18). To decide anew on one that was used is 409 only in later generations. */
export const consentOperations = [...getConsentRequest, ...acceptConsentRequest, ...rejectConsentRequest];
