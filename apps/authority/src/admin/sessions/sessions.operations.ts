import { nameless } from '../../http/empty-name.js';
import { nothing, ok } from '../../openapi/operation.js';
import { ref } from '../../openapi/schema.js';
import { adminOperation } from '../generations/admin-operation.js';

const consents = '/oauth2/auth/sessions/consent';
const logins = '/oauth2/auth/sessions/login';
const reads = { method: 'GET', catchesUp: 'first', permission: 'sessions:read' } as const;
const revokes = { method: 'DELETE', catchesUp: 'not', permission: 'sessions:write' } as const;

const listing = {
  ...{ ...reads, tag: 'consent' },
  summary: 'Lists what a subject has consented to, newest first.',
  errors: [400, 503],
} as const;
const aPage = 'A page of consents, empty for an unknown subject';

export const listConsentsOfUser = adminOperation(
  {
    ...{ ...listing, path: `${consents}/:user` },
    query: ['limit', 'offset'],
    success: ok(ref('ConsentSessions'), aPage),
  },
  { rc8: { operationId: 'listUserConsentSessions' } },
);

export const revokeConsentsOfUser = adminOperation(
  {
    ...{ ...revokes, tag: 'consent', path: `${consents}/:user` },
    summary: 'Revokes all consents of a subject, with the tokens issued under them.',
    success: nothing('The consents are revoked'),
    errors: [400, 404, 413, 503],
  },
  { rc8: { operationId: 'revokeAllUserConsentSessions' } },
);

export const revokeConsentOfUser = adminOperation(
  {
    ...{ ...revokes, tag: 'consent', path: `${consents}/:user/:client`, emptyName: nameless },
    summary: "Revokes a subject's consents to one client, with the tokens issued under them.",
    success: nothing('The consents are revoked'),
    errors: [400, 404, 413, 503],
  },
  { rc8: { operationId: 'revokeUserClientConsentSessions' } },
);

const endingSessions = {
  ...{ ...revokes, tag: 'login' },
  summary: 'Ends all login sessions of a subject. Tokens and consents stay.',
  success: nothing('There is no login session any more'),
  errors: [400, 413, 503],
} as const;

export const revokeSessionsOfUser = adminOperation(
  { ...endingSessions, path: `${logins}/:user` },
  { rc8: { operationId: 'revokeAuthenticationSession' } },
);

export const listConsents = adminOperation(
  {
    ...{ ...listing, path: consents },
    query: ['subject', 'limit', 'offset'],
    success: ok(ref('ConsentSessionsV1'), aPage, ['Link', 'X-Total-Count']),
  },
  {
    v111: { operationId: 'listSubjectConsentSessions' },
    v262: {
      operationId: 'listOAuth2ConsentSessions',
      query: ['subject', 'page_size', 'page_token', 'login_session_id'],
      success: ok(ref('ConsentSessionsV26'), aPage, ['Link']),
    },
  },
);

/** 204 although there is nothing to revoke. */
export const revokeConsents = adminOperation(
  {
    ...{ ...revokes, tag: 'consent', path: consents },
    summary: 'Revokes consents of a subject, to one client or with all=true to all, with the tokens issued under them.',
    query: ['subject', 'client', 'all'],
    success: nothing('There are no such consents any more'),
    errors: [400, 413, 503],
  },
  { v111: { operationId: 'revokeConsentSessions' }, v262: { operationId: 'revokeOAuth2ConsentSessions' } },
);

export const revokeSessions = adminOperation(
  { ...endingSessions, path: logins },
  {
    v111: { operationId: 'revokeAuthenticationSessionV1', query: ['subject'] },
    v262: { operationId: 'revokeOAuth2LoginSessions', query: ['subject', 'sid'] },
  },
);

/** Consents and login sessions of a subject (admin-api.md 2.19 to 2.22): named in the path, in later generations in the query. */
export const sessionOperations = [
  ...[...listConsentsOfUser, ...revokeConsentsOfUser, ...revokeConsentOfUser, ...revokeSessionsOfUser],
  ...[...listConsents, ...revokeConsents, ...revokeSessions],
];
