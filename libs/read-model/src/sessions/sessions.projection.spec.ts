import { describe, it } from '@jest/globals';
import { given } from '../projection-spec.js';
import { at, sessionEnded, sessionStarted, sessionsRevoked } from '../spec-events.js';
import { findLoginSession } from './sessions.projection.js';

const shown = { sessionId: 'sid', subject: 'anna', subjectHash: 'hash-anna', authenticatedAt: at(1) };

describe('findLoginSession', () => {
  it('shows a started session', () => given(sessionStarted()).thenAnswers((db) => findLoginSession(db, 'sid'), shown));
  it('knows no ended session', () =>
    given(sessionStarted(), sessionEnded()).thenAnswers((db) => findLoginSession(db, 'sid'), undefined));
  it('knows no revoked session', () =>
    given(sessionStarted(), sessionsRevoked()).thenAnswers((db) => findLoginSession(db, 'sid'), undefined));
  it('knows the session started after a revocation, or of somebody else', () =>
    given(sessionsRevoked(), sessionStarted(), sessionsRevoked('hash-ben')).thenAnswers(
      (db) => findLoginSession(db, 'sid'),
      shown,
    ));
});
