import { describe, it } from '@jest/globals';
import { clientJson } from '#libs/oauth2';
import { given } from '../projection-spec.js';
import * as events from '../spec-events.js';
import { findConsentRequest } from '../consent-requests/consent-requests.queries.js';
import { findLoginByVerifier, findLoginRequest, isLoginRecorded } from './login-requests.projection.js';

const { at, clientCreated, clientDeleted, loginAccepted, loginRedeemed, loginRequested, registration } = events;
const underSession = loginRequested('login-1', {
  ...{ session: { sessionId: 'sid', authenticatedAt: at(1) }, subjectHash: 'hash-anna', subject: 'anna' },
});
const session = { sessionId: 'sid', authenticatedAt: at(1) };
const person = { session, subjectHash: 'hash-anna', subject: 'anna' };
const shown = {
  ...{
    id: 'login-1',
    challenge: 'login-1',
    requestedAt: new Date(at(0)),
    status: 'requested',
    clientId: 'app',
    clientIncarnation: 0,
  },
  ...{
    clientJson: clientJson('app', { registration, createdAt: at(0), updatedAt: at(0) }),
    clientExtension: '{"metadata":{}}',
    requestedScope: ['openid'],
    requestedAudience: ['api'],
  },
  ...{ skip: false, subject: '', oidcContext: { display: 'page' }, sessionId: '' },
  requestUrl: 'https://op.example/oauth2/auth?x=1',
};

describe('findLoginRequest', () => {
  it('shows a request of somebody unknown', () =>
    given(clientCreated(), loginRequested()).thenAnswers((db) => findLoginRequest(db, 'login-1'), shown));
  it('shows the person and the session it rests on', () =>
    given(clientCreated(), events.sessionStarted(), underSession).thenAnswers((db) => findLoginRequest(db, 'login-1'), {
      ...{ ...shown, skip: true, subject: 'anna', sessionId: 'sid' },
    }));
  it('shows the client as it is now', () =>
    given(clientCreated(), loginRequested(), {
      type: 'ClientUpdated',
      data: { clientId: 'app', registration: { ...registration, owner: 'me' }, updatedAt: at(9) },
    }).thenAnswers(
      (db) => findLoginRequest(db, 'login-1')?.clientJson,
      clientJson('app', { registration: { ...registration, owner: 'me' }, createdAt: at(0), updatedAt: at(9) }),
    ));
  it.each([events.loginAcceptedWhole(), events.loginRejectedWhole()])(
    'shows a request that its decision brought along, by the challenge its app saw: $type',
    (decision) =>
      given(clientCreated(), decision).thenAnswers((db) => findLoginRequest(db, 'login-1'), {
        ...{ ...shown, challenge: 'text-of-login-1', status: 'decided' },
      }),
  );
  it.each([events.loginAcceptedWhole('login-1', { session }), events.loginRejectedWhole('login-1', person)])(
    'shows the person whose session such a request rests on: $type',
    (decision) =>
      given(clientCreated(), events.sessionStarted(), decision).thenAnswers((db) => findLoginRequest(db, 'login-1'), {
        ...{ ...shown, challenge: 'text-of-login-1', status: 'decided', skip: true, subject: 'anna', sessionId: 'sid' },
      }),
  );
  it.each([
    ['decided', [loginAccepted()]],
    ['redeemed', [loginAccepted(), loginRedeemed()]],
  ])('is %s', (status, more) =>
    given(clientCreated(), loginRequested(), ...more).thenAnswers(
      (db) => findLoginRequest(db, 'login-1')?.status,
      status,
    ),
  );
  it('is redeemed also where its decision brought it along', () =>
    given(clientCreated(), events.loginAcceptedWhole(), loginRedeemed()).thenAnswers(
      (db) => findLoginRequest(db, 'login-1')?.status,
      'redeemed',
    ));
  it.each([
    ['its client is deleted', [clientDeleted()]],
    ['its client is deleted and created again', [clientDeleted(), clientCreated()]],
    ['its session ends', [events.sessionEnded()]],
    ['the sessions of its subject are revoked', [events.sessionsRevoked()]],
    ['the sessions are revoked and another starts', [events.sessionsRevoked(), events.sessionStarted('sid-2')]],
  ])('is dead when %s', (_, more) =>
    given(clientCreated(), events.sessionStarted(), underSession, ...more).thenAnswers(
      (db) => findLoginRequest(db, 'login-1'),
      undefined,
    ),
  );
  it('is born dead after the end of its session', () =>
    given(
      clientCreated(),
      events.sessionStarted(),
      events.sessionsRevoked(),
      underSession,
      loginAccepted(),
    ).thenAnswers((db) => findLoginRequest(db, 'login-1'), undefined));
  it('outlives the sessions of other people', () =>
    given(clientCreated(), events.sessionStarted(), underSession, events.sessionsRevoked('hash-ben')).thenAnswers(
      (db) => findLoginRequest(db, 'login-1')?.sessionId,
      'sid',
    ));
});

describe('a request whose decision is about somebody who was erased', () => {
  const whole = events.loginAcceptedWhole();
  const former = [loginRequested(), loginAccepted()];
  const rejected = events.loginRejectedWhole('login-1', person);

  it.each([
    ['accepted', [whole]],
    ['accepted, and asked for in an event of its own', former],
    ['rejected', [events.loginRejectedWhole('login-1', { subjectHash: 'hash-anna', subject: 'anna' })]],
    ['accepted and redeemed', [whole, loginRedeemed()]],
  ])('is not shown, and its verifier is dead, but it is known to be recorded: %s', (_, steps) =>
    given(clientCreated(), ...steps, { erase: 'hash-anna' }).thenAnswers(
      (db) => [
        findLoginRequest(db, 'login-1'),
        findLoginByVerifier(db, 'verifier-login-1'),
        isLoginRecorded(db, 'login-1'),
      ],
      [undefined, { id: 'login-1', alive: false }, true],
    ),
  );
  it('goes with the session it rests on', () =>
    given(clientCreated(), events.sessionStarted(), rejected, { erase: 'hash-anna' }).thenAnswers(
      (db) => findLoginRequest(db, 'login-1'),
      undefined,
    ));
  it('keeps nothing that names anybody', () =>
    given(clientCreated(), whole, { erase: 'hash-anna' }).thenAnswers(
      (db) =>
        db
          .prepare('SELECT challenge, details FROM login_requests_v3')
          .all()
          .map((row) => ({ ...row })),
      [{ challenge: null, details: null }],
    ));
  it('is not shown with the consent request that came of it', () =>
    given(clientCreated(), whole, loginRedeemed(), events.consentRequested('consent-1', { subjectHash: 'hash-ben' }), {
      erase: 'hash-anna',
    }).thenAnswers((db) => findConsentRequest(db, 'consent-1')?.loginChallenge, ''));
});

describe('findLoginByVerifier', () => {
  it('leads to the request', () =>
    given(clientCreated(), loginRequested()).thenAnswers(
      (db) => [findLoginByVerifier(db, 'verifier-login-1'), findLoginByVerifier(db, 'unknown')],
      [{ id: 'login-1', alive: true }, undefined],
    ));
});
