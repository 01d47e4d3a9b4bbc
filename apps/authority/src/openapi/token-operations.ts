import { type Operation, json, nothing, ok } from './operation.js';
import { ref } from './schema.js';

/** Introspection (admin-api.md 2.23). */
export const introspection: Operation = {
  tag: 'tokens',
  ...{ method: 'post', path: '/oauth2/introspect', operationId: 'introspectOAuth2Token' },
  summary: 'Says whether a token is active, and what it stands for (RFC 7662).',
  readsOnly: true,
  body: {
    contentTypes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
    schema: ref('IntrospectionForm'),
  },
  success: ok(ref('OAuth2TokenIntrospection'), 'What the token stands for, if it is active'),
  errors: [400, 413, 503],
  errorSchema: 'OAuth2Error',
};

/** Clean-up (admin-api.md 2.24). */
export const flush: Operation = {
  tag: 'tokens',
  ...{ method: 'post', path: '/oauth2/flush', operationId: 'flushInactiveOAuth2Tokens' },
  summary: 'Forgets access tokens that have expired.',
  body: json('FlushInactiveOAuth2TokensRequest'),
  success: nothing('They are forgotten'),
  errors: [400, 413, 503],
};
