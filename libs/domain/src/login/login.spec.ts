import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type Rejection } from './authorization-request.js';
import { type Login, type LoginCommand, type LoginEvent, login } from './login.js';

const given = deciderSpec(login);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const challenge = 'login-1';
const sessionSince = '2029-12-31T08:00:00.000Z';

const request = {
  ...{ challenge, clientId: 'app', clientIncarnation: 0, requestedAt: at, verifierHash: 'verifier', csrfHash: 'csrf' },
  session: null,
  request: {
    ...{ redirectUri: 'https://app.example/cb', redirectUriSent: true, responseTypes: ['code'], scope: ['openid'] },
    ...{ audience: [], prompt: [], maxAge: null, acrValues: [], codeChallenge: null },
  },
  ...{ requestUrl: 'https://op.example/oauth2/auth?x=1', oidcContext: {}, state: 'state-1', nonce: null },
  idTokenHint: null,
};
const underSession = {
  ...request,
  ...{ session: { sessionId: 'sid-1', authenticatedAt: sessionSince }, subjectHash: 'hash-of-mira', subject: 'mira' },
};
const challengeText = 'a text that holds the request';
const asked = { ...request, challengeText };
const askedUnderSession = { ...underSession, challengeText };
/** What a decision has of the request; whoever is logged in is named by the decision itself. */
const { challenge: _, ...carried } = asked;
const carriedUnderSession = { ...carried, session: underSession.session };
const apart = { request: null };

const requested: LoginEvent = { type: 'LoginRequested', data: request };
const requestedWithSession: LoginEvent = { type: 'LoginRequested', data: underSession };

const decision = { remember: true, rememberForSeconds: 3600, acr: '1', forceSubjectIdentifier: '' };
const mira = { subjectHash: 'hash-of-mira', subject: 'mira' };
const noor = { subjectHash: 'hash-of-noor', subject: 'noor' };
const accept = (who = mira, held?: typeof asked | typeof askedUnderSession): LoginCommand => ({
  ...{ type: 'AcceptLogin', data: { ...who, ...decision }, now, asked: held },
});
const acceptance = { challenge, ...mira, ...decision, authenticatedAt: at, acceptedAt: at };
const accepted: LoginEvent = { type: 'LoginAccepted', data: { ...acceptance, ...apart } };
const acceptedWhole: LoginEvent = { type: 'LoginAccepted', data: { ...acceptance, ...carried } };
const rejection: Rejection = {
  ...{ error: 'access_denied', errorDescription: 'no', errorHint: '', errorDebug: '', statusCode: 403 },
};
const reject: LoginCommand = { type: 'RejectLogin', data: { rejection }, now };
const rejected: LoginEvent = { type: 'LoginRejected', data: { challenge, rejection, rejectedAt: at, ...apart } };
const rejectedWhole: LoginEvent = { type: 'LoginRejected', data: { challenge, rejection, rejectedAt: at, ...carried } };
const redeem: LoginCommand = { type: 'RedeemLoginVerifier', now };
const redeemed: LoginEvent = { type: 'LoginVerifierRedeemed', data: { challenge, redeemedAt: at } };
/** As an event is read whose person was erased. */
const erased = {
  ...{
    type: 'LoginAccepted',
    data: { challenge, subjectHash: 'hash-of-mira', acceptedAt: at, request: request.request },
  },
} as unknown as LoginEvent;

describe('AcceptLogin', () => {
  it('records who logged in, at the time of the decision', () => given(requested).when(accept()).thenEvents(accepted));
  it('records with it what the challenge holds', () => given().when(accept(mira, asked)).thenEvents(acceptedWhole));
  it('with a session keeps its time of authentication and forces remember to false', () =>
    given(requestedWithSession)
      .when(accept())
      .thenEvents({
        type: 'LoginAccepted',
        data: { ...acceptance, ...apart, remember: false, authenticatedAt: sessionSince },
      }));
  it('does so as well where the challenge has the session', () =>
    given()
      .when(accept(mira, askedUnderSession))
      .thenEvents({
        type: 'LoginAccepted',
        data: { ...acceptance, ...carriedUnderSession, remember: false, authenticatedAt: sessionSince },
      }));
  it('is refused for another person than the session’s', () =>
    given(requestedWithSession).when(accept(noor)).thenRefuses('login_subject_mismatch'));
  it('is refused for another person than that of the session the challenge has', () =>
    given().when(accept(noor, askedUnderSession)).thenRefuses('login_subject_mismatch'));
  it('is refused for another person before it is refused as handled', () =>
    given(requestedWithSession, rejected).when(accept(noor)).thenRefuses('login_subject_mismatch'));
  it.each([
    ['the second time', [requested, accepted]],
    ['after a rejection', [requested, rejected]],
    ['once the verifier is spent', [requested, accepted, redeemed]],
    ['the second time, whatever the challenge holds', [acceptedWhole]],
    ['after a rejection, whatever the challenge holds', [rejectedWhole]],
    ['once the verifier is spent, whatever the challenge holds', [acceptedWhole, redeemed]],
  ])('is refused %s', (_when, events) =>
    given(...events)
      .when(accept(mira, asked))
      .thenRefuses('login_request_handled'),
  );
  it('is refused for somebody else the second time', () =>
    given(requested, accepted).when(accept(noor)).thenRefuses('login_request_handled'));
  it('is refused without a request', () => given().when(accept()).thenRefuses('login_request_not_found'));
  it('is refused when it was decided for somebody who was erased', () =>
    given(erased).when(accept(mira, asked)).thenRefuses('login_request_not_found'));
});

describe('RejectLogin', () => {
  it('records what the app says', () => given(requested).when(reject).thenEvents(rejected));
  it('records with it what the challenge holds', () =>
    given()
      .when({ ...reject, asked })
      .thenEvents(rejectedWhole));
  it('names the person whose session the challenge has', () =>
    given()
      .when({ ...reject, asked: askedUnderSession })
      .thenEvents({
        type: 'LoginRejected',
        data: { challenge, rejection, rejectedAt: at, ...mira, ...carriedUnderSession },
      }));
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
  it('spends the verifier of a request that its decision brought along', () =>
    given(acceptedWhole).when(redeem).thenEvents(redeemed));
  it('is refused when it was decided for somebody who was erased', () =>
    given(erased).when(redeem).thenRefuses('login_request_not_found'));
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
      requested: request,
      decision: { outcome: 'accepted', subject: 'mira' },
    });
    expect(fold(requested, rejected, redeemed)).toMatchObject({ decision: { outcome: 'rejected', rejection } });
  });

  it('has the request that its decision brought along', () => {
    expect(fold(acceptedWhole)).toEqual({
      status: 'decided',
      requested: request,
      decision: { outcome: 'accepted', ...mira, ...decision, authenticatedAt: at },
    });
    expect(fold(rejectedWhole, redeemed)).toEqual({
      status: 'redeemed',
      requested: request,
      decision: { outcome: 'rejected', rejection },
    });
  });

  it('has the person where a session named one', () => {
    const data = { ...acceptance, ...carriedUnderSession };
    expect(fold({ type: 'LoginAccepted', data })).toMatchObject({ requested: underSession });
  });

  it.each([[[erased]], [[requested, erased]], [[erased, redeemed]]])('is gone with the person: %#', (events) => {
    expect(fold(...events)).toEqual({ status: 'erased' });
  });

  it.each([[accepted], [rejected], [redeemed]])('is not there without its request: %j', (event) => {
    expect(fold(event)).toEqual({ status: 'none' });
  });
});
