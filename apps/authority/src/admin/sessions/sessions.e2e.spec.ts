import { describe, expect, it } from '@jest/globals';
import { subject } from '#libs/domain';
import { authoritySpec } from '../../testing/authority-spec.js';
import { aClient, aConsent } from '../../testing/histories.js';

describe('consents and login sessions of a subject', () => {
  const spec = authoritySpec();
  const revoked = (person: string, clientId: string | null) => ({
    stream: subject.streamOf(spec.subjectHash(person)),
    type: 'ConsentRevoked' as const,
    data: { subjectHash: spec.subjectHash(person), clientId, revokedAt: spec.clock.inSeconds(0) },
    actor: 'admin',
  });
  const flow = (challenge: string, clientId: string, person: string) => ({
    ...{ challenge, clientId, subject: person, subjectHash: spec.subjectHash(person) },
  });

  it('revoking all of them is one event, with the reason that was given', () =>
    spec
      .given(
        ...[aClient('c1'), aClient('c2')],
        aConsent(flow('consent-1', 'c1', 'ann'), spec.clock.inSeconds(-60)),
        aConsent(flow('consent-2', 'c2', 'ann'), spec.clock.inSeconds(-60)),
      )
      .when((authority) =>
        authority.admin('DELETE', '/oauth2/auth/sessions/consent/ann', undefined, { 'x-reason': 'she asked for it' }),
      )
      .thenAnswers({ status: 204, body: '', events: [{ ...revoked('ann', null), reason: 'she asked for it' }] }));

  it('revoking one names its client', () =>
    spec
      .given(aClient('c3'), aConsent(flow('consent-3', 'c3', 'ben'), spec.clock.inSeconds(-60)))
      .when((authority) => authority.admin('DELETE', '/oauth2/auth/sessions/consent/ben/c3'))
      .thenAnswers({ status: 204, events: [revoked('ben', 'c3')] }));

  it('of somebody who has none nothing is recorded', () =>
    spec
      .given(aClient('c4'), aConsent(flow('consent-4', 'c4', 'cleo'), spec.clock.inSeconds(-60)))
      .when((authority) => authority.admin('DELETE', '/oauth2/auth/sessions/consent/cleo/another-client'))
      .thenAnswers({ status: 404, events: [] }));

  it('revoking the login sessions of somebody unknown is recorded all the same', () =>
    spec
      .when((authority) => authority.admin('DELETE', '/oauth2/auth/sessions/login/dora'))
      .thenAnswers({
        status: 204,
        events: [
          {
            stream: subject.streamOf(spec.subjectHash('dora')),
            type: 'SessionRevoked',
            data: { subjectHash: spec.subjectHash('dora'), revokedAt: spec.clock.inSeconds(0) },
            actor: 'admin',
          },
        ],
      }));

  it('listing records nothing', () =>
    spec
      .given(aClient('c5'), aConsent(flow('consent-5', 'c5', 'eve'), spec.clock.inSeconds(-60)))
      .when((authority) => authority.admin('GET', '/oauth2/auth/sessions/consent/eve'))
      .thenAnswers({
        status: 200,
        body: [expect.objectContaining({ grant_scope: ['openid', 'offline', 'photos'] })],
        events: [],
      }));
});
