import { type Operation, json, nothing, ok } from './operation.js';
import { ref } from './schema.js';

const completed = ok(ref('CompletedRequest'), 'Where to send the browser');
const sessions = '/oauth2/auth/sessions';

/** Login and consent requests (admin-api.md 2.13 to 2.18). Only a login is decided once, so only it has 409 then. */
export const handshakeOperations: readonly Operation[] = [
  ...decisions('login', 'LoginRequest', { acceptBody: 'AcceptLoginRequest', errors: [400, 404, 409, 413, 503] }),
  ...decisions('consent', 'ConsentRequest', { acceptBody: 'AcceptConsentRequest', errors: [400, 404, 413, 503] }),
];

function decisions(
  kind: 'login' | 'consent',
  model: string,
  { acceptBody, errors }: { acceptBody: string; errors: Operation['errors'] },
): Operation[] {
  const path = `/oauth2/auth/requests/${kind}/{challenge}`;
  const common = { tag: kind } as const;
  return [
    {
      ...common,
      ...{ method: 'get', path, operationId: `get${model}` },
      summary: `Shows a ${kind} request to its app, until the browser has come back from it.`,
      success: ok(ref(model), `The ${kind} request`),
      errors: [400, 404, 409, 503],
    },
    {
      ...common,
      ...{ method: 'put', path: `${path}/accept`, operationId: `accept${model}` },
      summary: `Accepts a ${kind} request.`,
      repeatable: true,
      body: json(acceptBody),
      success: completed,
      errors,
    },
    {
      ...common,
      ...{ method: 'put', path: `${path}/reject`, operationId: `reject${model}` },
      summary: `Rejects a ${kind} request.`,
      repeatable: true,
      body: json('RejectRequest'),
      success: completed,
      errors,
    },
  ];
}

/** Consents and login sessions of a subject (admin-api.md 2.19 to 2.22). */
export const sessionOperations: readonly Operation[] = [
  {
    tag: 'consent',
    ...{ method: 'get', path: `${sessions}/consent/{user}`, operationId: 'listUserConsentSessions' },
    summary: 'Lists what a subject has consented to, newest first.',
    query: ['limit', 'offset'],
    success: ok(ref('ConsentSessions'), 'A page of consents, empty for an unknown subject'),
    errors: [400, 503],
  },
  {
    tag: 'consent',
    ...{ method: 'delete', path: `${sessions}/consent/{user}`, operationId: 'revokeAllUserConsentSessions' },
    summary: 'Revokes all consents of a subject, with the tokens issued under them.',
    success: nothing('The consents are revoked'),
    errors: [400, 404, 413, 503],
  },
  {
    tag: 'consent',
    ...{ method: 'delete', path: `${sessions}/consent/{user}/{client}` },
    operationId: 'revokeUserClientConsentSessions',
    summary: "Revokes a subject's consents to one client, with the tokens issued under them.",
    success: nothing('The consents are revoked'),
    errors: [400, 404, 413, 503],
  },
  {
    tag: 'login',
    ...{ method: 'delete', path: `${sessions}/login/{user}`, operationId: 'revokeAuthenticationSession' },
    summary: 'Ends all login sessions of a subject. Tokens and consents stay.',
    success: nothing('There is no login session any more'),
    errors: [400, 413, 503],
  },
];
