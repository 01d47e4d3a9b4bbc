import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type Consent, type ConsentCommand, type ConsentEvent, consent } from './consent.js';

const given = deciderSpec(consent);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const challenge = 'consent-1';
const subjectHash = 'hash-of-mira';

const request: Extract<ConsentEvent, { type: 'ConsentRequested' }>['data'] = {
  ...{ challenge, loginChallenge: 'login-1', loginSessionId: null, clientId: 'app', clientIncarnation: 0 },
  ...{ requestedAt: '2030-01-01T11:58:00.000Z', verifierHash: 'verifier', csrfHash: 'csrf', rememberedConsent: null },
  request: {
    ...{ redirectUri: 'https://app.example/cb', redirectUriSent: true, responseTypes: ['code'], scope: ['openid'] },
    ...{ audience: [], prompt: [], maxAge: null, acrValues: [], codeChallenge: null },
  },
  ...{ requestUrl: 'https://op.example/oauth2/auth?x=1', oidcContext: {}, state: 'state-1', nonce: null },
  ...{ idTokenHint: null, subjectHash, subject: 'mira', subjectIdentifier: 'mira', authenticatedAt: at, acr: '' },
};
const requested: ConsentEvent = { type: 'ConsentRequested', data: request };
const ask: ConsentCommand = { type: 'RequestConsent', data: request, now };

const acceptance = (grantScope: string[]) => ({
  ...{ grantScope, grantAudience: [], remember: true, rememberForSeconds: 0 },
  session: { accessToken: { role: 'editor' }, idToken: {} },
});
const accept = (...scope: string[]): ConsentCommand => ({ type: 'AcceptConsent', data: acceptance(scope), now });
const accepted = (...scope: string[]): ConsentEvent => ({
  type: 'ConsentAccepted',
  data: { challenge, subjectHash, acceptedAt: at, ...acceptance(scope) },
});
const rejection = {
  ...{ error: 'access_denied', errorDescription: 'no', errorHint: '', errorDebug: '', statusCode: 403 },
};
const reject: ConsentCommand = { type: 'RejectConsent', data: { rejection }, now };
const rejected: ConsentEvent = { type: 'ConsentRejected', data: { challenge, subjectHash, rejection, rejectedAt: at } };
const redeem: ConsentCommand = { type: 'RedeemConsentVerifier', now };
const redeemed: ConsentEvent = { type: 'ConsentVerifierRedeemed', data: { challenge, subjectHash, redeemedAt: at } };

describe('RequestConsent', () => {
  it('keeps the time of the login request: one limit covers both', () => given().when(ask).thenEvents(requested));
  it.each([[[requested]], [[requested, accepted()]], [[requested, accepted(), redeemed]]])(
    'is refused where there is one already, so that a spent one never comes back: %#',
    (events) =>
      given(...events)
        .when(ask)
        .thenRefuses('consent_request_exists'),
  );
});

describe('ImportConsent', () => {
  const bring: ConsentCommand = {
    type: 'ImportConsent',
    data: { requested: request, accepted: acceptance(['openid']), acceptedAt: '2030-01-01T11:59:00.000Z' },
    now,
  };
  const brought: ConsentEvent = { type: 'ConsentRequested', data: { ...request, importedFrom: 'hydra' } };
  const given1159: ConsentEvent = {
    type: 'ConsentAccepted',
    data: { challenge, subjectHash, acceptedAt: '2030-01-01T11:59:00.000Z', ...acceptance(['openid']) },
  };

  it('records what was asked and granted elsewhere, with the times of there', () =>
    given().when(bring).thenEvents(brought, given1159));
  it.each([[[brought, given1159]], [[requested]], [[brought, given1159, rejected]]])(
    'changes nothing where there is one already: %#',
    (events) =>
      given(...events)
        .when(bring)
        .thenNothing(),
  );
});

describe('AcceptConsent', () => {
  it('records what is granted', () => given(requested).when(accept('openid')).thenEvents(accepted('openid')));
  it('records more than was asked for (D8)', () =>
    given(requested).when(accept('openid', 'photos')).thenEvents(accepted('openid', 'photos')));
  it('replaces an earlier acceptance', () =>
    given(requested, accepted('openid')).when(accept('photos')).thenEvents(accepted('photos')));
  it('replaces a rejection', () => given(requested, rejected).when(accept('openid')).thenEvents(accepted('openid')));
  it('changes nothing once the verifier is spent', () =>
    given(requested, accepted('openid'), redeemed).when(accept('photos')).thenNothing());
  it('changes nothing once the verifier of a rejection is spent', () =>
    given(requested, rejected, redeemed).when(accept('openid')).thenNothing());
  it('is refused without a request', () => given().when(accept('openid')).thenRefuses('consent_request_not_found'));
});

describe('RejectConsent', () => {
  it('records what the app says', () => given(requested).when(reject).thenEvents(rejected));
  it('replaces an acceptance', () => given(requested, accepted('openid')).when(reject).thenEvents(rejected));
  it('changes nothing once the verifier is spent', () =>
    given(requested, accepted('openid'), redeemed).when(reject).thenNothing());
  it('is refused without a request', () => given().when(reject).thenRefuses('consent_request_not_found'));
});

describe('RedeemConsentVerifier', () => {
  it('spends the verifier of an acceptance', () => given(requested, accepted()).when(redeem).thenEvents(redeemed));
  it('spends the verifier of a rejection', () => given(requested, rejected).when(redeem).thenEvents(redeemed));
  it('is refused before the decision', () => given(requested).when(redeem).thenRefuses('consent_verifier_unknown'));
  it('is refused the second time', () =>
    given(requested, accepted(), redeemed).when(redeem).thenRefuses('consent_verifier_used'));
  it('is refused without a request', () => given().when(redeem).thenRefuses('consent_request_not_found'));
});

describe('the folded consent request', () => {
  const fold = (...events: ConsentEvent[]): Consent =>
    events.reduce((state, event, revision) => consent.evolve(state, event, revision), consent.initial());

  it('has the last decision', () => {
    expect(fold(requested, accepted('openid'), rejected)).toMatchObject({
      decision: { outcome: 'rejected', rejection },
    });
    expect(fold(requested, rejected, accepted('openid'), redeemed)).toMatchObject({
      status: 'redeemed',
      decision: { outcome: 'accepted', grantScope: ['openid'] },
    });
  });

  it.each([[accepted()], [rejected], [redeemed]])('is not there without its request: %j', (event) => {
    expect(fold(event)).toEqual({ status: 'none' });
  });
});
