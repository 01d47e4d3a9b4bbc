import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type AdminTokenCommand, type AdminTokenEvent, adminToken } from './admin-token.js';

const given = deciderSpec(adminToken);
const now = new Date('2030-01-01T12:00:00.000Z');
const token = { name: 'deploy', tokenHash: 'hash', scopes: ['clients:read'], expiresAt: '2030-04-01T12:00:00.000Z' };

const create: AdminTokenCommand = { type: 'CreateAdminToken', data: token, now };
const revoke: AdminTokenCommand = { type: 'RevokeAdminToken', data: { name: 'deploy' }, now };
const createdUntil = (expiresAt: string): AdminTokenEvent => ({
  type: 'AdminTokenCreated',
  data: { ...token, expiresAt, createdAt: now.toISOString() },
});
const created = createdUntil(token.expiresAt);
const revoked: AdminTokenEvent = {
  type: 'AdminTokenRevoked',
  data: { name: 'deploy', revokedAt: now.toISOString() },
};

describe('CreateAdminToken', () => {
  it('records the hash, what it may do and until when', () => given().when(create).thenEvents(created));
  it('is refused while a token has the name', () => given(created).when(create).thenRefuses('admin_token_exists'));
  it('has a name again whose token was revoked', () => given(created, revoked).when(create).thenEvents(created));
  it('has a name again whose token has expired', () =>
    given(createdUntil(now.toISOString())).when(create).thenEvents(created));
});

describe('RevokeAdminToken', () => {
  it('ends the token', () => given(created).when(revoke).thenEvents(revoked));
  it('changes nothing the second time', () => given(created, revoked).when(revoke).thenNothing());
  it('changes nothing where no token has the name', () => given().when(revoke).thenNothing());
});
