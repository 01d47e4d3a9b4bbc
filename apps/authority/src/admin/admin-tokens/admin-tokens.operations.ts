import { adminTokenLife } from '../../commands/admin-token.commands.js';
import { json, nothing, ok, operation } from '../../openapi/operation.js';
import { type Schema, answerModel, described, listOf, ref, requestModel, text, time } from '../../openapi/schema.js';

const all = { tag: 'admin tokens', path: '/admin-tokens' } as const;

export const createAdminToken = operation({
  ...{ ...all, method: 'POST', catchesUp: 'first', cacheControl: 'no-store', operationId: 'createAdminToken' },
  permission: 'admin-tokens:write',
  summary: 'Makes a token for this API. The answer is the only one that shows it.',
  body: json('AdminTokenRequest'),
  success: { 201: { description: 'The token', schema: ref('NewAdminToken') } },
  errors: [400, 409, 413, 503],
});

export const listAdminTokens = operation({
  ...{ ...all, method: 'GET', catchesUp: 'first', operationId: 'listAdminTokens' },
  permission: 'admin-tokens:read',
  summary: 'Lists the tokens that let callers in, by name.',
  success: ok(listOf(ref('AdminToken')), 'All of them'),
  errors: [400, 503],
});

export const revokeAdminToken = operation({
  ...{ tag: all.tag, path: '/admin-tokens/:name', method: 'DELETE', catchesUp: 'not', operationId: 'revokeAdminToken' },
  permission: 'admin-tokens:write',
  summary: 'Revokes a token.',
  success: nothing('It lets nobody in any more'),
  errors: [400, 404, 503],
});

/** Tokens for the Admin API: no generation of Hydra has them. */
export const adminTokenOperations = [createAdminToken, listAdminTokens, revokeAdminToken];

const scope = described(text, 'Scopes, with blanks in between');
const shown = { name: described(text, 'Whom events are by'), scope, created_at: time, expires_at: time };

export const adminTokenSchemas: Readonly<Record<string, Schema>> = {
  AdminToken: answerModel(shown),
  NewAdminToken: answerModel({ ...shown, token: text }),
  AdminTokenRequest: requestModel(
    {
      name: described({ ...text, pattern: '^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$' }, 'Whom events are by'),
      scope: described(text, 'Scopes, with blanks in between, or `all`'),
      expires_in: {
        type: 'integer',
        minimum: 1,
        maximum: adminTokenLife.maxSeconds,
        default: adminTokenLife.usualSeconds,
      },
    },
    'refused',
    ['name', 'scope'],
  ),
};
