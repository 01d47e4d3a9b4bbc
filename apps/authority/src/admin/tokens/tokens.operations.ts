import { json, nothing, ok } from '../../openapi/operation.js';
import { ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';

/** admin-api.md 2.23. */
export const introspectToken = adminOperation(
  {
    ...{
      tag: 'tokens',
      method: 'POST',
      path: '/oauth2/introspect',
      catchesUp: 'itself',
      readsOnly: true,
      confidential: true,
    },
    permission: 'tokens:read',
    mayLag: true,
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
    rc8: { operationId: 'introspectOAuth2Token' },
    v262: {
      operationId: 'introspectOAuth2TokenV26',
      success: ok(ref('OAuth2TokenIntrospectionV26'), 'What the token stands for, if it is active'),
    },
  },
);

/** admin-api.md 2.24. */
export const flushTokens = adminOperation(
  {
    ...{ tag: 'tokens', method: 'POST', path: '/oauth2/flush', catchesUp: 'first' },
    permission: 'tokens:write',
    summary: 'Forgets access tokens that have expired.',
    body: json('FlushInactiveOAuth2TokensRequest'),
    success: nothing('They are forgotten'),
    errors: [400, 413, 503],
  },
  { rc8: { operationId: 'flushInactiveOAuth2Tokens' } },
);

export const tokenOperations = [...introspectToken, ...flushTokens];
