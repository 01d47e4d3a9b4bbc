import {
  type AuthorizationRequest,
  type ClientRegistration,
  type ConsentEvent,
  type GrantEvent,
  client,
  consent,
  grant,
} from '#libs/domain';
import { type History } from './authority-spec.js';

export const redirectUri = 'http://127.0.0.1:5555/callback';
const atFirst = '2026-01-15T11:00:00.000Z';
const everything = ['openid', 'offline', 'photos'];

/** What a client without a secret registers when it says nothing but that it has none. */
const publicRegistration: ClientRegistration = {
  client_name: '',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: everything.join(' '),
  audience: [],
  owner: '',
  policy_uri: '',
  allowed_cors_origins: [],
  tos_uri: '',
  client_uri: '',
  logo_uri: '',
  contacts: [],
  subject_type: 'public',
  sector_identifier_uri: '',
  jwks_uri: '',
  token_endpoint_auth_method: 'none',
  request_uris: [],
  request_object_signing_alg: '',
  userinfo_signed_response_alg: 'none',
};

/** A client without a secret, an hour old. */
export function aClient(clientId: string, registration: Partial<ClientRegistration> = {}): History {
  const data = {
    clientId,
    registration: { ...publicRegistration, ...registration },
    secretHash: '',
    createdAt: atFirst,
  };
  return { stream: client.streamOf(clientId), events: [{ type: 'ClientCreated', data }] };
}

/** The id of the login request that a challenge is of. */
export function loginIdIn(challenge: string): string {
  return Buffer.from(challenge, 'base64url').toString('hex', 2, 18);
}

const request: AuthorizationRequest = {
  ...{ redirectUri, redirectUriSent: true, responseTypes: ['code'], scope: everything, audience: [], prompt: [] },
  ...{ maxAge: null, acrValues: [], codeChallenge: null },
};

/** Whose flow it is; its challenge is the id of its grant as well. */
export type Flow = {
  readonly challenge: string;
  readonly clientId: string;
  readonly subject: string;
  readonly subjectHash: string;
};

/** A consent request at a moment. */
function consentRequested(flow: Flow, requestedAt: string): Extract<ConsentEvent, { type: 'ConsentRequested' }> {
  const { challenge, subject } = flow;
  const personal = { requestUrl: 'http://127.0.0.1/oauth2/auth', oidcContext: {}, state: 'a-state', nonce: null };
  return {
    type: 'ConsentRequested',
    data: {
      ...{ ...flow, ...personal, request, requestedAt, verifierHash: 'v', idTokenHint: null, clientIncarnation: 0 },
      ...{ loginChallenge: `login-of-${challenge}`, loginSessionId: null, csrfHash: 'c', rememberedConsent: null },
      ...{ subjectIdentifier: subject, authenticatedAt: requestedAt, acr: '' },
    },
  };
}

export function aConsentRequest(flow: Flow, requestedAt: string): History {
  return { stream: consent.streamOf(flow.challenge), events: [consentRequested(flow, requestedAt)] };
}

/** A consent given at a moment, and redeemed. */
export function aConsent(flow: Flow, at: string, remember = false): History {
  const { challenge, subjectHash } = flow;
  const session = { accessToken: { level: 1 }, idToken: { picture: 'p.png' } };
  const granted = { grantScope: everything, grantAudience: [], remember, rememberForSeconds: 0, session };
  return {
    stream: consent.streamOf(challenge),
    events: [
      consentRequested(flow, at),
      { type: 'ConsentAccepted', data: { challenge, subjectHash, acceptedAt: at, ...granted } },
      { type: 'ConsentVerifierRedeemed', data: { challenge, subjectHash, redeemedAt: at } },
    ],
  };
}

/** What tokens of a flow say. */
export function claimsOf({ challenge, clientId, subject, subjectHash }: Flow) {
  return {
    ...{ grantId: challenge, clientId, clientIncarnation: 0, scope: everything, audience: [] },
    ...{ consentChallenge: challenge, subject, subjectHash, ext: { level: 1 } },
    idTokenClaims: { sub: subject, picture: 'p.png' },
  };
}

/** A code of a flow, issued at a moment. */
export function codeIssued(flow: Flow, codeHash: string, times: { issuedAt: string; expiresAt: string }): GrantEvent {
  const claims = claimsOf(flow);
  return {
    type: 'AuthorizationCodeIssued',
    data: { ...claims, codeHash, redirectUri, codeChallenge: null, nonce: null, ...times },
  };
}

/** The tokens that a code was exchanged for; the refresh token does not expire. */
export function tokensIssued(
  flow: Flow,
  hashes: { accessTokenHash: string; refreshTokenHash: string },
  { issuedAt, accessTokenExpiresAt }: { issuedAt: string; accessTokenExpiresAt: string },
): readonly GrantEvent[] {
  const grantId = flow.challenge;
  const expiries = { accessTokenExpiresAt, refreshTokenExpiresAt: null };
  return [
    { type: 'AuthorizationCodeRedeemed', data: { grantId, redeemedAt: issuedAt } },
    {
      type: 'TokensIssued',
      data: { ...claimsOf(flow), ...hashes, ...expiries, grantType: 'authorization_code', issuedAt },
    },
  ];
}

export function aGrant(flow: Flow, ...events: readonly GrantEvent[]): History {
  return { stream: grant.streamOf(flow.challenge), events };
}

/** A token that a client has for itself, as the instance that issued it recorded it. */
export function tokensOfClient(
  token: { readonly grantId: string; readonly clientId: string; readonly accessTokenHash: string } & {
    readonly [time in 'issuedAt' | 'accessTokenExpiresAt']: string;
  },
): History {
  const claims = { clientIncarnation: 0, scope: ['photos'], audience: [], consentChallenge: null };
  const none = { refreshTokenHash: null, refreshTokenExpiresAt: null };
  const data = { ...token, ...claims, ...none, grantType: 'client_credentials' } as const;
  return { stream: `machine-of-${token.grantId}`, events: [{ type: 'TokensIssued', data }] };
}
