import { describe, it } from '@jest/globals';
import { clientJson } from '#libs/oauth2';
import { given } from '../projection-spec.js';
import * as events from '../spec-events.js';
import { findLoginByVerifier, findLoginRequest } from './login-requests.projection.js';

const { at, clientCreated, clientDeleted, loginAccepted, loginRedeemed, loginRequested, registration } = events;
const underSession = loginRequested('login-1', {
  ...{ session: { sessionId: 'sid', authenticatedAt: at(1) }, subjectHash: 'hash-anna', subject: 'anna' },
});
const shown = {
  ...{ challenge: 'login-1', status: 'requested', clientId: 'app', clientIncarnation: 0 },
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
  it.each([
    ['decided', [loginAccepted()]],
    ['redeemed', [loginAccepted(), loginRedeemed()]],
  ])('is %s', (status, more) =>
    given(clientCreated(), loginRequested(), ...more).thenAnswers(
      (db) => findLoginRequest(db, 'login-1')?.status,
      status,
    ),
  );
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

describe('findLoginByVerifier', () => {
  it('leads to the request', () =>
    given(clientCreated(), loginRequested()).thenAnswers(
      (db) => [findLoginByVerifier(db, 'verifier-login-1'), findLoginByVerifier(db, 'unknown')],
      [{ challenge: 'login-1', alive: true }, undefined],
    ));
});
