import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type SubjectCommand, type SubjectEvent, subject } from './subject.js';

const given = deciderSpec(subject);
const now = new Date('2030-01-01T12:00:00.000Z');
const at = now.toISOString();
const subjectHash = 'hash-of-mira';
const keyCreated: SubjectEvent = { type: 'SubjectKeyCreated', data: { subjectHash, keyId: 'key-1', createdAt: at } };

describe('RegisterSubjectKey', () => {
  const register = (keyId: string): SubjectCommand => ({
    type: 'RegisterSubjectKey',
    data: { subjectHash, keyId },
    now,
  });

  it('names the key of the subject', () => given().when(register('key-1')).thenEvents(keyCreated));
  it('changes nothing for a subject that has a key: of two creators one wins', () =>
    given(keyCreated).when(register('key-2')).thenNothing());
});

describe('RevokeConsent', () => {
  const revoke = (clientId: string | null): SubjectCommand => ({
    type: 'RevokeConsent',
    data: { subjectHash, clientId },
    now,
  });
  const revoked = (clientId: string | null): SubjectEvent => ({
    type: 'ConsentRevoked',
    data: { subjectHash, clientId, revokedAt: at },
  });

  it('is one event for one client', () => given(keyCreated).when(revoke('app')).thenEvents(revoked('app')));
  it('is one event for all clients', () => given(keyCreated).when(revoke(null)).thenEvents(revoked(null)));
  it('is an event again, for what was granted in between', () =>
    given(revoked('app')).when(revoke('app')).thenEvents(revoked('app')));
  it('needs no earlier event about the person', () => given().when(revoke(null)).thenEvents(revoked(null)));
});

describe('RevokeSessions', () => {
  const revoke: SubjectCommand = { type: 'RevokeSessions', data: { subjectHash }, now };
  const revoked: SubjectEvent = { type: 'SessionRevoked', data: { subjectHash, revokedAt: at } };

  it('is one event for all sessions', () => given(keyCreated).when(revoke).thenEvents(revoked));
  it('is an event again, for sessions started in between', () => given(revoked).when(revoke).thenEvents(revoked));
});

describe('ForceSubjectIdentifier', () => {
  const data = { subjectHash, subject: 'mira', clientId: 'app', clientIncarnation: 0, identifier: 'id-1' };
  const force = (changes: Partial<typeof data> = {}): SubjectCommand => ({
    type: 'ForceSubjectIdentifier',
    data: { ...data, ...changes },
    now,
  });
  const forced = (changes: Partial<typeof data> = {}): SubjectEvent => ({
    type: 'SubjectIdentifierForced',
    data: { ...data, ...changes, forcedAt: at },
  });

  it('records the identifier at this client', () => given(keyCreated).when(force()).thenEvents(forced()));
  it('changes nothing while that identifier is in force', () =>
    given(keyCreated, forced()).when(force()).thenNothing());
  it('replaces another identifier', () =>
    given(forced())
      .when(force({ identifier: 'id-2' }))
      .thenEvents(forced({ identifier: 'id-2' })));
  it('records an identifier that was replaced and comes back', () =>
    given(forced(), forced({ identifier: 'id-2' }))
      .when(force())
      .thenEvents(forced()));
  it('is recorded for each client', () =>
    given(forced())
      .when(force({ clientId: 'other' }))
      .thenEvents(forced({ clientId: 'other' })));
  it('is recorded again for a client created again: the old identifier died with the old one', () =>
    given(forced())
      .when(force({ clientIncarnation: 4 }))
      .thenEvents(forced({ clientIncarnation: 4 })));
});
