import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';
import { aClient, redirectUri } from '../../testing/histories.js';

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
  const accepted = (challenge: string, subject: string, more: object = {}): Recorded => ({
    stream: `login-${challenge}`,
    type: 'LoginAccepted',
    data: {
      ...{ challenge, subject, subjectHash: spec.subjectHash(subject), acceptedAt: now(), authenticatedAt: now() },
      ...{ remember: false, rememberForSeconds: 0, acr: '', forceSubjectIdentifier: '', ...more },
    },
    actor: 'admin',
  });

  it('accepting one of somebody new makes the key for what is personal first', async () => {
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
          { ...accepted(challenge, 'ann', { acr: '2' }), reason: 'badge' },
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

  it('rejecting one keeps what the app said', async () => {
    const challenge = await requested('c3');
    const body = { error: 'access_denied', error_description: 'not today', status_code: 403 };
    await spec
      .when((authority) => authority.admin('PUT', path(challenge, '/reject'), body))
      .thenAnswers({
        status: 200,
        events: [
          {
            stream: `login-${challenge}`,
            type: 'LoginRejected',
            data: {
              ...{ challenge, rejectedAt: now() },
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
