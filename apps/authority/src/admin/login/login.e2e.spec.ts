import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';
import { aClient, loginIdIn, redirectUri } from '../../testing/histories.js';

describe('login requests', () => {
  const spec = authoritySpec();
  const now = () => spec.clock.inSeconds(0);
  const path = (challenge: string, verb = '') => `/oauth2/auth/requests/login/${challenge}${verb}`;

  /** A login request of a client of its own. */
  async function requested(clientId: string): Promise<string> {
    await spec.given(aClient(clientId)).prepare();
    const parameters = { client_id: clientId, redirect_uri: redirectUri, scope: 'openid' };
    return spec.authority.requestLogin(new TestBrowser(), parameters);
  }
  /** What a decision has of a request. */
  const asked = (challenge: string, clientId: string) => ({
    ...{ challenge: loginIdIn(challenge), challengeText: challenge, clientId, clientIncarnation: 0 },
    ...{ requestedAt: now(), verifierHash: spec.loginVerifierHash(loginIdIn(challenge)), csrfHash: expect.any(String) },
    request: {
      ...{ redirectUri, redirectUriSent: true, responseTypes: ['code'], scope: ['openid'], audience: [], prompt: [] },
      ...{ maxAge: null, acrValues: [], codeChallenge: null },
    },
    requestUrl: spec.authority.authorizationUrl({ client_id: clientId, redirect_uri: redirectUri, scope: 'openid' }),
    ...{ session: null, oidcContext: {}, state: 'some-state-value', nonce: null, idTokenHint: null },
  });
  const accepted = (subject: string, more: object): Recorded => ({
    stream: expect.stringMatching(/^login-[\da-f]{32}$/),
    type: 'LoginAccepted',
    data: {
      ...{ subject, subjectHash: spec.subjectHash(subject), acceptedAt: now(), authenticatedAt: now() },
      ...{ remember: false, rememberForSeconds: 0, acr: '', forceSubjectIdentifier: '', ...more },
    },
    actor: 'admin',
  });

  it('accepting one records what was asked for as well, and of somebody new first the key for what is personal', async () => {
    const challenge = await requested('c1');
    const subjectHash = spec.subjectHash('ann');
    const keyId = expect.any(String);
    await spec
      .when((authority) =>
        authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann', acr: '2' }, { 'x-reason': 'badge' }),
      )
      .thenAnswers({
        status: 200,
        body: { redirect_to: expect.stringContaining('login_verifier=') },
        events: [
          {
            stream: expect.stringMatching(/^subjectkey-/),
            type: 'SubjectKeySealed',
            data: expect.objectContaining({ keyId }),
            actor: 'hydrant',
          },
          {
            stream: `subject-${subjectHash}`,
            type: 'SubjectKeyCreated',
            data: { subjectHash, keyId, createdAt: now() },
            actor: 'hydrant',
          },
          { ...accepted('ann', { acr: '2', ...asked(challenge, 'c1') }), reason: 'badge' },
        ],
      });
  });

  it('one that was decided stays so', async () => {
    const challenge = await requested('c2');
    await spec.authority.acceptLogin(challenge, { subject: 'ben' });
    await spec
      .when((authority) => authority.admin('PUT', path(challenge, '/accept'), { subject: 'ben', remember: true }))
      .thenAnswers({ status: 409, events: [] });
  });

  it('rejecting one keeps what the app said, and what was asked for', async () => {
    const challenge = await requested('c3');
    const body = { error: 'access_denied', error_description: 'not today', status_code: 403 };
    await spec
      .when((authority) => authority.admin('PUT', path(challenge, '/reject'), body))
      .thenAnswers({
        status: 200,
        events: [
          {
            stream: `login-${loginIdIn(challenge)}`,
            type: 'LoginRejected',
            data: {
              ...{ ...asked(challenge, 'c3'), rejectedAt: now() },
              rejection: {
                ...{ error: 'access_denied', errorDescription: 'not today', errorHint: '', errorDebug: '' },
                statusCode: 403,
              },
            },
            actor: 'admin',
          },
        ],
      });
  });

  it('reading one records nothing', async () => {
    const challenge = await requested('c4');
    await spec
      .when((authority) => authority.admin('GET', path(challenge)))
      .thenAnswers({ status: 200, body: expect.objectContaining({ challenge, skip: false, subject: '' }), events: [] });
  });

  it.each([
    ['of a challenge nobody knows', 'made-up', { subject: 'ann' }, 404],
    ['that is no acceptance', undefined, { subject: 7 }, 400],
    ['of nobody', undefined, {}, 400],
  ])('an acceptance %s records nothing', async (what, challenge, body, status) => {
    const known = await requested(`refused ${what}`);
    await spec
      .when((authority) => authority.admin('PUT', path(challenge ?? known, '/accept'), body))
      .thenAnswers({ status, events: [] });
  });

  it('of a client that was deleted meanwhile nothing is recorded', async () => {
    const challenge = await requested('c5');
    await spec.authority.admin('DELETE', '/clients/c5');
    await spec
      .when((authority) => authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann' }))
      .thenAnswers({ status: 404, events: [] });
  });
});
