import { describe, expect, it } from '@jest/globals';
import { flowOf } from '../../testing/flow-with-tokens.js';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';
import { aClient, aConsent, aConsentRequest } from '../../testing/histories.js';

describe('consent requests', () => {
  const spec = authoritySpec();
  const path = (name: string, verb = '') => `/oauth2/auth/requests/consent/consent-of-${name}${verb}`;
  const requestOf = (name: string) => [
    aClient(flowOf(spec, name).clientId),
    aConsentRequest(flowOf(spec, name), spec.clock.inSeconds(-60)),
  ];
  const rejected = (name: string, rejection: object): Recorded => ({
    stream: `consent-consent-of-${name}`,
    type: 'ConsentRejected',
    data: {
      ...{ challenge: `consent-of-${name}`, subjectHash: spec.subjectHash(name), rejectedAt: spec.clock.inSeconds(0) },
      rejection: { errorDescription: '', errorHint: '', errorDebug: '', statusCode: 0, ...rejection },
    },
    actor: 'admin',
  });

  it('accepting one records what was granted, and what the app keeps', () =>
    spec
      .given(...requestOf('ann'))
      .when((authority) =>
        authority.admin(
          'PUT',
          path('ann', '/accept'),
          {
            ...{ grant_scope: ['openid'], grant_access_token_audience: ['https://api.example/'], remember: true },
            ...{ remember_for: 60, session: { access_token: { level: 2 }, id_token: { picture: 'a.png' } } },
          },
          { 'x-reason': 'signed form 7' },
        ),
      )
      .thenAnswers({
        status: 200,
        body: { redirect_to: expect.stringContaining('consent_verifier=') },
        events: [
          {
            stream: 'consent-consent-of-ann',
            type: 'ConsentAccepted',
            data: {
              ...{ challenge: 'consent-of-ann', subjectHash: spec.subjectHash('ann') },
              ...{ grantScope: ['openid'], grantAudience: ['https://api.example/'], remember: true },
              ...{ rememberForSeconds: 60, acceptedAt: spec.clock.inSeconds(0) },
              session: { accessToken: { level: 2 }, idToken: { picture: 'a.png' } },
            },
            actor: 'admin',
            reason: 'signed form 7',
          },
        ],
      }));

  it('rejecting one keeps what the app said', () =>
    spec
      .given(...requestOf('ben'))
      .when((authority) => authority.admin('PUT', path('ben', '/reject'), { error: 'access_denied', error_hint: 'no' }))
      .thenAnswers({
        status: 200,
        events: [rejected('ben', { error: 'access_denied', errorHint: 'no' })],
      }));

  it('reading one records nothing', () =>
    spec
      .given(...requestOf('cleo'))
      .when((authority) => authority.admin('GET', path('cleo')))
      .thenAnswers({
        status: 200,
        body: expect.objectContaining({ subject: 'cleo', requested_scope: ['openid', 'offline', 'photos'] }),
        events: [],
      }));

  it('one that was decided is decided again until its verifier is used, and then stays so', async () => {
    const reject = (at: string) => () => spec.authority.admin('PUT', at, { error: 'access_denied' });
    await spec.given(...requestOf('dora')).prepare();
    await spec.authority.acceptConsent('consent-of-dora', { grant_scope: ['openid'] });
    await spec
      .when(reject(path('dora', '/reject')))
      .thenAnswers({ status: 200, events: [rejected('dora', { error: 'access_denied' })] });
    await spec.given(aClient('client-of-gil'), aConsent(flowOf(spec, 'gil'), spec.clock.inSeconds(-60))).prepare();
    await spec.when(reject(path('gil', '/reject'))).thenAnswers({ status: 200, events: [] });
    const later = '/admin/oauth2/auth/requests/consent/reject?consent_challenge=consent-of-gil';
    await spec.when(reject(later)).thenAnswers({ status: 409, events: [] });
  });

  it.each([
    ['of a challenge nobody knows', 'made-up', { grant_scope: [] }, 404],
    ['that is no acceptance', 'eve', { grant_scope: 'openid' }, 400],
  ])('an acceptance %s records nothing', (_what, name, body, status) =>
    spec
      .given(...(name === 'eve' ? requestOf('eve') : []))
      .when((authority) => authority.admin('PUT', path(name, '/accept'), body))
      .thenAnswers({ status, events: [] }),
  );

  it('of a client that was deleted meanwhile nothing is recorded', () => {
    const { clientId } = flowOf(spec, 'fay');
    const deleted = { type: 'ClientDeleted' as const, data: { clientId, deletedAt: spec.clock.inSeconds(-1) } };
    return spec
      .given(...requestOf('fay'), { stream: `client-${clientId}`, events: [deleted] })
      .when((authority) => authority.admin('PUT', path('fay', '/accept'), { grant_scope: ['openid'] }))
      .thenAnswers({ status: 404, events: [] });
  });
});
