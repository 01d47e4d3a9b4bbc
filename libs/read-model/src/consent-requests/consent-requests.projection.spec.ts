import { describe, expect, it } from '@jest/globals';
import { clientJson } from '#libs/oauth2';
import { type ReadModelDatabase } from '../engine/database.js';
import { given } from '../projection-spec.js';
import * as events from '../spec-events.js';
import * as queries from './consent-requests.queries.js';

const { at, clientCreated, clientDeleted, consentAccepted, consentRejected, consentRequested, consentRevoked } = events;
const start = [clientCreated(), events.loginRequested(), consentRequested()];
const skip = consentRequested('skip', { rememberedConsent: 'consent-1' });
const alive =
  (...challenges: string[]) =>
  (db: ReadModelDatabase): boolean[] =>
    challenges.map((challenge) => queries.findConsentRequest(db, challenge) !== undefined);

describe('findConsentRequest', () => {
  it('shows a request', () =>
    given(...start).thenAnswers((db) => queries.findConsentRequest(db, 'consent-1'), {
      ...{ challenge: 'consent-1', status: 'requested', clientId: 'app', clientIncarnation: 0, skip: false },
      ...{
        requestedScope: ['openid'],
        requestedAudience: ['api'],
        oidcContext: { display: 'page' },
        acr: '1',
        amr: [],
      },
      ...{ requestUrl: 'https://op.example/oauth2/auth?x=1', subject: 'anna', loginChallenge: 'login-1' },
      ...{
        loginSessionId: '',
        clientJson: clientJson('app', { registration: events.registration, createdAt: at(0), updatedAt: at(0) }),
      },
      clientExtension: '{"metadata":{}}',
    }));
  it('shows what the login app handed on', () =>
    given(clientCreated(), consentRequested('consent-1', { amr: ['pwd'], context: { theme: 'dark' } })).thenAnswers(
      (db) => queries.findConsentRequest(db, 'consent-1'),
      expect.objectContaining({ amr: ['pwd'], context: { theme: 'dark' } }),
    ));
  it('names its session while that is alive', () => {
    const request = consentRequested('consent-1', { loginSessionId: 'sid' });
    return given(clientCreated(), events.sessionStarted(), request).thenAnswers(
      (db) => queries.findConsentRequest(db, 'consent-1'),
      expect.objectContaining({ loginSessionId: 'sid', loginChallenge: '' }),
    );
  });
  it('loses its session and login request, and lives on, when the session is revoked', () => {
    const session = { sessionId: 'sid', authenticatedAt: at(1) };
    const login = events.loginRequested('login-1', { session, subject: 'anna', subjectHash: 'hash-anna' });
    const request = consentRequested('consent-1', { loginSessionId: 'sid' });
    return given(clientCreated(), events.sessionStarted(), login, request, events.sessionsRevoked()).thenAnswers(
      (db) => queries.findConsentRequest(db, 'consent-1'),
      expect.objectContaining({ loginSessionId: '', loginChallenge: '' }),
    );
  });
  it('is redeemed in the end', () =>
    given(...start, consentAccepted(), events.consentRedeemed()).thenAnswers(
      (db) => [
        queries.findConsentRequest(db, 'consent-1')?.status,
        queries.findConsentByVerifier(db, 'verifier-consent-1'),
      ],
      ['redeemed', { challenge: 'consent-1', alive: true }],
    ));
});

describe('isConsentAlive', () => {
  it('ends with the client', () =>
    given(...start, clientDeleted(), clientCreated()).thenAnswers(alive('consent-1'), [false]));
  it('ends with a revocation after the decision', () =>
    given(...start, consentAccepted(), consentRevoked()).thenAnswers(alive('consent-1'), [false]));
  it('ends with a revocation for the client', () =>
    given(...start, consentRejected(), consentRevoked('app')).thenAnswers(alive('consent-1'), [false]));
  it('does not come back by deciding again', () =>
    given(...start, consentAccepted(), consentRevoked(), consentAccepted()).thenAnswers(alive('consent-1'), [false]));
  it('does not end with the revocation for another client or subject', () =>
    given(...start, consentAccepted(), consentRevoked('other'), consentRevoked(null, 'hash-ben')).thenAnswers(
      alive('consent-1'),
      [true],
    ));
  it('does not end, undecided, with a revocation', () =>
    given(...start, consentRevoked(), consentAccepted()).thenAnswers(alive('consent-1'), [true]));
  it('ends, undecided with skip, with the remembered consent', () =>
    given(...start, consentAccepted(), skip, consentRevoked()).thenAnswers(alive('skip'), [false]));
  it('stays dead when the skip is decided after that', () =>
    given(...start, consentAccepted(), skip, consentRevoked(), consentAccepted('skip')).thenAnswers(alive('skip'), [
      false,
    ]));
  it('is born dead, with skip, after the remembered consent died', () =>
    given(...start, consentAccepted(), consentRevoked(), skip).thenAnswers(alive('skip'), [false]));
});

describe('findRememberedConsent', () => {
  const find =
    (seconds = 60) =>
    (db: ReadModelDatabase) =>
      queries.findRememberedConsent(db, {
        ...{ subjectHash: 'hash-anna', clientId: 'app', clientIncarnation: 0, now: new Date(at(seconds)) },
      });
  const second = consentRequested('second', { requestedAt: at(10) });

  it('is the newest request, whichever was decided last', () =>
    given(...start, second, consentAccepted('second', { grantScope: ['a', 'b'] }), consentAccepted()).thenAnswers(
      find(),
      {
        challenge: 'second',
        grantScope: ['a', 'b'],
      },
    ));
  it('looks at the newest only: when that is over, there is none', () =>
    given(...start, second, consentAccepted(), consentAccepted('second', { rememberForSeconds: 5 })).thenAnswers(
      find(),
      undefined,
    ));
  it.each([
    ['not remembered', [consentAccepted('consent-1', { remember: false })]],
    ['rejected later', [consentAccepted(), consentRejected()]],
    ['revoked', [consentAccepted(), consentRevoked()]],
    ['only a skip', [skip, consentAccepted('skip')]],
    ['of a client that is gone', [consentAccepted(), clientDeleted()]],
  ])('is none when %s', (_, more) => given(...start, ...more).thenAnswers(find(), undefined));
  it('has no end with 0 seconds', () =>
    given(...start, consentAccepted()).thenAnswers((db) => find(1e9)(db)?.challenge, 'consent-1'));
});

describe('listConsentSessions', () => {
  const list =
    (page = { limit: 100, offset: 0 }) =>
    (db: ReadModelDatabase) =>
      queries
        .listConsentSessions(db, { subjectHash: 'hash-anna', now: new Date(at(60)), ...page })
        .map(({ consentRequest }) => consentRequest.challenge);
  const second = consentRequested('second', { requestedAt: at(10) });

  it('shows what was granted last', () =>
    given(...start, consentAccepted(), consentAccepted('consent-1', { grantScope: ['email'] })).thenAnswers(
      (db) => queries.listConsentSessions(db, { subjectHash: 'hash-anna', now: new Date(at(60)), limit: 1, offset: 0 }),
      [
        {
          ...{ grantScope: ['email'], grantAudience: ['api'], remember: true, rememberForSeconds: 0 },
          ...{ session: { accessToken: { role: 'admin' }, idToken: {} }, handledAt: at(3) },
          consentRequest: expect.objectContaining({ challenge: 'consent-1', status: 'decided' }),
        },
      ],
    ));
  it('has the newest request first, without rejected, skipped and undecided ones', () =>
    given(
      ...[...start, second, skip, consentRequested('open'), consentRequested('no')],
      ...[consentAccepted('second'), consentAccepted(), consentAccepted('skip'), consentRejected('no')],
    ).thenAnswers((db) => [list()(db), list({ limit: 1, offset: 1 })(db)], [['second', 'consent-1'], ['consent-1']]));
  it('leaves out what is over after paging, remembered or not', () =>
    given(
      ...[...start, second, consentAccepted()],
      consentAccepted('second', { remember: false, rememberForSeconds: 5 }),
    ).thenAnswers((db) => [list()(db), list({ limit: 1, offset: 0 })(db)], [['consent-1'], []]));
});

describe('hasHandledConsents', () => {
  const has =
    (clientId: string | null) =>
    (db: ReadModelDatabase): boolean =>
      queries.hasHandledConsents(db, { subjectHash: 'hash-anna', clientId });

  it('counts rejected ones', () =>
    given(...start, consentRejected()).thenAnswers(
      (db) => [has(null)(db), has('app')(db), has('x')(db)],
      [true, true, false],
    ));
  it('does not count undecided and revoked ones', () =>
    given(...start, consentRequested('open'), consentAccepted(), consentRevoked()).thenAnswers(has(null), false));
});
