import { type AuthorityEvent, type ClientRegistration, type KeyEntry, type Timestamp } from '#libs/domain';

type Data<Type extends AuthorityEvent['type']> = Extract<AuthorityEvent, { type: Type }>['data'];

/** 2030-01-01, this many seconds after midnight. */
export function at(seconds: number): Timestamp {
  return new Date(Date.UTC(2030, 0, 1) + seconds * 1000).toISOString();
}

export const registration: ClientRegistration = {
  ...{ client_name: 'App', redirect_uris: ['https://app.example/cb'], grant_types: [], response_types: [] },
  ...{ scope: 'openid offline', audience: [], owner: '', policy_uri: '', allowed_cors_origins: [], tos_uri: '' },
  ...{ client_uri: '', logo_uri: '', contacts: [], subject_type: 'public', sector_identifier_uri: '', jwks_uri: '' },
  ...{ token_endpoint_auth_method: 'client_secret_basic', request_uris: [], request_object_signing_alg: '' },
  userinfo_signed_response_alg: 'none',
};

export function clientCreated(clientId = 'app', data: Partial<Data<'ClientCreated'>> = {}): AuthorityEvent {
  return { type: 'ClientCreated', data: { clientId, registration, secretHash: 'hash', createdAt: at(0), ...data } };
}

export function clientDeleted(clientId = 'app'): AuthorityEvent {
  return { type: 'ClientDeleted', data: { clientId, deletedAt: at(0) } };
}

export function key(kid: string, secretId?: string, kty = 'RSA'): KeyEntry {
  const publicJwk = { use: 'sig', kty, kid, n: kid.replace(/^\w+:/, '').padEnd(683, 'n') };
  return { kid, publicJwk, ...(secretId === undefined ? {} : { secretId }) };
}

const request: Data<'LoginRequested'>['request'] = {
  ...{ redirectUri: 'https://app.example/cb', redirectUriSent: true, responseTypes: ['code'], scope: ['openid'] },
  ...{ audience: ['api'], prompt: [], maxAge: null, acrValues: [], codeChallenge: null },
};
const personal = {
  ...{ requestUrl: 'https://op.example/oauth2/auth?x=1', oidcContext: { display: 'page' }, state: 'state' },
  ...{ nonce: null, idTokenHint: null },
};

export function loginRequested(challenge = 'login-1', data: Partial<Data<'LoginRequested'>> = {}): AuthorityEvent {
  const { challengeText: _, ...rest } = asked(challenge);
  return { type: 'LoginRequested', data: { challenge, ...rest, ...data } };
}

/** About a request that is an event of its own, as all were once. */
export function loginAccepted(challenge = 'login-1'): AuthorityEvent {
  return { type: 'LoginAccepted', data: { challenge, ...accepted, request: null } };
}

const accepted = {
  ...{ remember: true, rememberForSeconds: 0, acr: '1', forceSubjectIdentifier: '' },
  ...{ subjectHash: 'hash-anna', subject: 'anna', authenticatedAt: at(1), acceptedAt: at(1) },
};

type Asked = Omit<Data<'LoginRequested'>, 'challenge' | 'subject' | 'subjectHash'>;

/** With what was asked for; `text-of-<challenge>` is what the app saw. */
export function loginAcceptedWhole(challenge = 'login-1', data: Partial<Asked> = {}): AuthorityEvent {
  return { type: 'LoginAccepted', data: { challenge, ...accepted, ...asked(challenge), ...data } };
}

export function loginRejectedWhole(challenge = 'login-1', data: Partial<Data<'LoginRequested'>> = {}): AuthorityEvent {
  const rejection = { error: 'access_denied', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 403 };
  return { type: 'LoginRejected', data: { challenge, ...asked(challenge), rejection, rejectedAt: at(1), ...data } };
}

function asked(challenge: string): Asked & { challengeText: string } {
  const flow = { clientId: 'app', clientIncarnation: 0, requestedAt: at(0), request, session: null };
  const hashes = { verifierHash: `verifier-${challenge}`, csrfHash: 'csrf' };
  return { ...personal, ...flow, ...hashes, challengeText: `text-of-${challenge}` };
}

export function loginRedeemed(challenge = 'login-1'): AuthorityEvent {
  return { type: 'LoginVerifierRedeemed', data: { challenge, redeemedAt: at(2) } };
}

export function sessionStarted(sessionId = 'sid', subjectHash = 'hash-anna'): AuthorityEvent {
  const who = { subjectHash, subject: subjectHash.replace('hash-', ''), authenticatedAt: at(1) };
  return { type: 'SessionStarted', data: { sessionId, ...who, loginChallenge: 'login-1', startedAt: at(2) } };
}

export function sessionEnded(sessionId = 'sid'): AuthorityEvent {
  return { type: 'SessionEnded', data: { sessionId, cause: 'logout', endedAt: at(3) } };
}

export function sessionsRevoked(subjectHash = 'hash-anna'): AuthorityEvent {
  return { type: 'SessionRevoked', data: { subjectHash, revokedAt: at(3) } };
}

export function consentRequested(
  challenge = 'consent-1',
  data: Partial<Data<'ConsentRequested'>> = {},
): AuthorityEvent {
  const flow = { loginChallenge: 'login-1', loginSessionId: null, clientId: 'app', clientIncarnation: 0, request };
  const who = {
    subjectHash: 'hash-anna',
    subject: 'anna',
    subjectIdentifier: 'anna',
    authenticatedAt: at(1),
    acr: '1',
  };
  const hashes = { verifierHash: `verifier-${challenge}`, csrfHash: 'csrf', requestedAt: at(0) };
  return {
    type: 'ConsentRequested',
    data: { challenge, ...personal, ...flow, ...who, ...hashes, rememberedConsent: null, ...data },
  };
}

export function consentAccepted(challenge = 'consent-1', data: Partial<Data<'ConsentAccepted'>> = {}): AuthorityEvent {
  const grant = { grantScope: ['openid'], grantAudience: ['api'], remember: true, rememberForSeconds: 0 };
  const session = { accessToken: { role: 'admin' }, idToken: {} };
  const rest = { subjectHash: 'hash-anna', acceptedAt: at(3), session };
  return { type: 'ConsentAccepted', data: { challenge, ...grant, ...rest, ...data } };
}

export function consentRejected(challenge = 'consent-1'): AuthorityEvent {
  const rejection = { error: 'access_denied', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 403 };
  return { type: 'ConsentRejected', data: { challenge, subjectHash: 'hash-anna', rejection, rejectedAt: at(3) } };
}

export function consentRedeemed(challenge = 'consent-1'): AuthorityEvent {
  return { type: 'ConsentVerifierRedeemed', data: { challenge, subjectHash: 'hash-anna', redeemedAt: at(4) } };
}

export function consentRevoked(clientId: string | null = null, subjectHash = 'hash-anna'): AuthorityEvent {
  return { type: 'ConsentRevoked', data: { subjectHash, clientId, revokedAt: at(5) } };
}

const claims = {
  ...{
    clientId: 'app',
    clientIncarnation: 0,
    scope: ['openid', 'offline'],
    audience: ['api'],
    subjectHash: 'hash-anna',
  },
  ...{ subject: 'anna', ext: { role: 'admin' }, idTokenClaims: { sub: 'anna', acr: '1' } },
};

export function codeIssued(grantId = 'consent-1', data: Partial<Data<'AuthorizationCodeIssued'>> = {}): AuthorityEvent {
  const code = { codeHash: `code-${grantId}`, redirectUri: null, codeChallenge: null, nonce: null };
  const rest = { grantId, consentChallenge: grantId, issuedAt: at(10), expiresAt: at(610) };
  return { type: 'AuthorizationCodeIssued', data: { ...claims, ...code, ...rest, ...data } };
}

/** The two events of a code's redemption; the tokens' hashes are `access-<name>` and `refresh-<name>`. */
export function codeRedeemed(name = '1', grantId = 'consent-1'): AuthorityEvent[] {
  return [
    { type: 'AuthorizationCodeRedeemed', data: { grantId, redeemedAt: at(20) } },
    {
      type: 'TokensIssued',
      data: { ...flowTokens(name, grantId), grantType: 'authorization_code', issuedAt: at(20) },
    },
  ];
}

function flowTokens(name: string, grantId: string) {
  const access = { accessTokenHash: `access-${name}`, accessTokenExpiresAt: at(3620) };
  const refresh = { refreshTokenHash: `refresh-${name}`, refreshTokenExpiresAt: at(720 * 3600) };
  return { ...claims, grantId, consentChallenge: grantId, ...access, ...refresh };
}

export function refreshed(
  [previous, name]: [previous: string, name: string],
  { withinGrace = false, grantId = 'consent-1' } = {},
): AuthorityEvent {
  const used = { previousRefreshTokenHash: `refresh-${previous}`, withinGrace, refreshedAt: at(30) };
  return { type: 'TokensRefreshed', data: { ...flowTokens(name, grantId), ...used } };
}

export function machineTokens(name = 'm', data: Partial<Data<'TokensIssued'>> = {}): AuthorityEvent {
  const access = { accessTokenHash: `access-${name}`, accessTokenExpiresAt: at(3600), grantId: `grant-${name}` };
  const none = { refreshTokenHash: null, refreshTokenExpiresAt: null, consentChallenge: null, audience: [] };
  const own = { clientId: 'app', clientIncarnation: 0, scope: ['read'], grantType: 'client_credentials' as const };
  return { type: 'TokensIssued', data: { ...own, ...none, ...access, issuedAt: at(0.9), ...data } };
}

export function grantEnded(
  type: 'AuthorizationCodeReplayed' | 'RefreshTokenReused' | 'TokensRevoked',
  grantId = 'consent-1',
): AuthorityEvent {
  switch (type) {
    case 'AuthorizationCodeReplayed':
      return { type, data: { grantId, replayedAt: at(40) } };
    case 'RefreshTokenReused':
      return { type, data: { grantId, reusedAt: at(40) } };
    default:
      return { type, data: { grantId, revokedAt: at(40) } };
  }
}

export function tokensFlushed(cutOff: Timestamp): AuthorityEvent {
  return { type: 'TokensFlushed', data: { cutOff, flushedAt: at(50) } };
}
