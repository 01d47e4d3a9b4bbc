import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type Rejection } from './authorization-request.js';
import { type Login, type LoginCommand, type LoginEvent, login } from './login.js';

const given = deciderSpec(login);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const challenge = 'login-1';
const sessionSince = '2029-12-31T08:00:00.000Z';

const asked = {
  ...{ challenge, clientId: 'app', clientIncarnation: 0, verifierHash: 'verifier', csrfHash: 'csrf', session: null },
  request: {
    ...{ redirectUri: 'https://app.example/cb', redirectUriSent: true, responseTypes: ['code'], scope: ['openid'] },
    ...{ audience: [], prompt: [], maxAge: null, acrValues: [], codeChallenge: null },
  },
  ...{ requestUrl: 'https://op.example/oauth2/auth?x=1', oidcContext: {}, state: 'state-1', nonce: null },
  idTokenHint: null,
};
const skipped = {
  ...asked,
  ...{ session: { sessionId: 'sid-1', authenticatedAt: sessionSince }, subjectHash: 'hash-of-mira', subject: 'mira' },
};
const requested: LoginEvent = { type: 'LoginRequested', data: { ...asked, requestedAt: at } };
const requestedWithSession: LoginEvent = { type: 'LoginRequested', data: { ...skipped, requestedAt: at } };

const decision = { remember: true, rememberForSeconds: 3600, acr: '1', forceSubjectIdentifier: '' };
const mira = { subjectHash: 'hash-of-mira', subject: 'mira' };
const noor = { subjectHash: 'hash-of-noor', subject: 'noor' };
const accept = (who = mira): LoginCommand => ({ type: 'AcceptLogin', data: { ...who, ...decision }, now });
const accepted: LoginEvent = {
  type: 'LoginAccepted',
  data: { challenge, ...mira, ...decision, authenticatedAt: at, acceptedAt: at },
};
const rejection: Rejection = {
  ...{ error: 'access_denied', errorDescription: 'no', errorHint: '', errorDebug: '', statusCode: 403 },
};
const reject: LoginCommand = { type: 'RejectLogin', data: { rejection }, now };
const rejected: LoginEvent = { type: 'LoginRejected', data: { challenge, rejection, rejectedAt: at } };
const redeem: LoginCommand = { type: 'RedeemLoginVerifier', now };
const redeemed: LoginEvent = { type: 'LoginVerifierRedeemed', data: { challenge, redeemedAt: at } };

describe('RequestLogin', () => {
  it('records the request and its time', () =>
    given().when({ type: 'RequestLogin', data: asked, now }).thenEvents(requested));
  it('records the session it rests on', () =>
    given().when({ type: 'RequestLogin', data: skipped, now }).thenEvents(requestedWithSession));
  it.each([[[requested]], [[requested, accepted]], [[requested, accepted, redeemed]]])(
    'is refused where there is one already, so that a spent one never comes back: %#',
    (events) =>
      given(...events)
        .when({ type: 'RequestLogin', data: asked, now })
        .thenRefuses('login_request_exists'),
  );
});

describe('AcceptLogin', () => {
  it('records who logged in, at the time of the decision', () => given(requested).when(accept()).thenEvents(accepted));
  it('with a session keeps its time of authentication and forces remember to false', () =>
    given(requestedWithSession)
      .when(accept())
      .thenEvents({
        type: 'LoginAccepted',
        data: { challenge, ...mira, ...decision, remember: false, authenticatedAt: sessionSince, acceptedAt: at },
      }));
  it('is refused for another person than the session’s', () =>
    given(requestedWithSession).when(accept(noor)).thenRefuses('login_subject_mismatch'));
  it('is refused for another person before it is refused as handled', () =>
    given(requestedWithSession, rejected).when(accept(noor)).thenRefuses('login_subject_mismatch'));
  it('is refused the second time', () =>
    given(requested, accepted).when(accept()).thenRefuses('login_request_handled'));
  it('is refused for somebody else the second time', () =>
    given(requested, accepted).when(accept(noor)).thenRefuses('login_request_handled'));
  it('is refused after a rejection', () =>
    given(requested, rejected).when(accept()).thenRefuses('login_request_handled'));
  it('is refused once the verifier is spent', () =>
    given(requested, accepted, redeemed).when(accept()).thenRefuses('login_request_handled'));
  it('is refused without a request', () => given().when(accept()).thenRefuses('login_request_not_found'));
});

describe('RejectLogin', () => {
  it('records what the app says', () => given(requested).when(reject).thenEvents(rejected));
  it('may reject a request with a session', () => given(requestedWithSession).when(reject).thenEvents(rejected));
  it('is refused the second time', () => given(requested, rejected).when(reject).thenRefuses('login_request_handled'));
  it('is refused after an acceptance', () =>
    given(requested, accepted).when(reject).thenRefuses('login_request_handled'));
  it('is refused once the verifier is spent', () =>
    given(requested, rejected, redeemed).when(reject).thenRefuses('login_request_handled'));
  it('is refused without a request', () => given().when(reject).thenRefuses('login_request_not_found'));
});

describe('RedeemLoginVerifier', () => {
  it('spends the verifier of an accepted request', () => given(requested, accepted).when(redeem).thenEvents(redeemed));
  it('spends the verifier of a rejected request', () => given(requested, rejected).when(redeem).thenEvents(redeemed));
  it('is refused before the decision', () => given(requested).when(redeem).thenRefuses('login_verifier_unknown'));
  it('is refused the second time', () =>
    given(requested, accepted, redeemed).when(redeem).thenRefuses('login_verifier_used'));
  it('is refused the second time after a rejection', () =>
    given(requested, rejected, redeemed).when(redeem).thenRefuses('login_verifier_used'));
  it('is refused without a request', () => given().when(redeem).thenRefuses('login_request_not_found'));
});

describe('the folded login request', () => {
  const fold = (...events: LoginEvent[]): Login =>
    events.reduce((state, event, revision) => login.evolve(state, event, revision), login.initial());

  it('keeps request and decision when the verifier is spent', () => {
    expect(fold(requested, accepted, redeemed)).toMatchObject({
      status: 'redeemed',
      requested: requested.data,
      decision: { outcome: 'accepted', subject: 'mira' },
    });
    expect(fold(requested, rejected, redeemed)).toMatchObject({ decision: { outcome: 'rejected', rejection } });
  });

  it.each([[accepted], [rejected], [redeemed]])('is not there without its request: %j', (event) => {
    expect(fold(event)).toEqual({ status: 'none' });
  });
});
