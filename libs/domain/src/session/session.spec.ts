import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type SessionCommand, type SessionEvent, session } from './session.js';

const given = deciderSpec(session);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const data = {
  ...{ sessionId: 'sid-1', subjectHash: 'hash-of-mira', subject: 'mira' },
  ...{ authenticatedAt: '2030-01-01T11:59:00.000Z', loginChallenge: 'login-1' },
};
const start: SessionCommand = { type: 'StartSession', data, now };
const started: SessionEvent = { type: 'SessionStarted', data: { ...data, startedAt: at } };
const end = (cause: 'logout' | 'other-login' | 'revoked'): SessionCommand => ({
  type: 'EndSession',
  data: { sessionId: 'sid-1', cause },
  now,
});
const ended = (cause: 'logout' | 'other-login' | 'revoked'): SessionEvent => ({
  type: 'SessionEnded',
  data: { sessionId: 'sid-1', cause, endedAt: at },
});

describe('StartSession', () => {
  it('records who is logged in and since when', () => given().when(start).thenEvents(started));
  it('changes nothing the second time', () => given(started).when(start).thenNothing());
  it('never revives an ended session', () => given(started, ended('logout')).when(start).thenNothing());
});

describe('EndSession', () => {
  it('records a logout', () => given(started).when(end('logout')).thenEvents(ended('logout')));
  it('records that another login took its place', () =>
    given(started).when(end('other-login')).thenEvents(ended('other-login')));
  it('records a revocation', () => given(started).when(end('revoked')).thenEvents(ended('revoked')));
  it('changes nothing the second time', () => given(started, ended('logout')).when(end('other-login')).thenNothing());
  it('changes nothing for a session never started', () => given().when(end('logout')).thenNothing());
});
