import { expect } from '@jest/globals';
import { mintAdminToken } from '#libs/crypto';
import { type History, type Recorded } from './authority-spec.js';

/** A token for the Admin API, and how the log came to have it. */
export function adminTokenHistory(
  name: string,
  scopes: readonly string[],
  expiresAt = '2026-04-15T12:00:00.000Z',
): { token: string; bearer: { authorization: string }; history: History } {
  const { token, hash: tokenHash } = mintAdminToken();
  const data = { name, tokenHash, scopes, expiresAt, createdAt: '2026-01-15T12:00:00.000Z' };
  const history: History = { stream: `admintoken-${name}`, events: [{ type: 'AdminTokenCreated', data }] };
  return { token, bearer: { authorization: `Bearer ${token}` }, history };
}

/** An event of which only its type and whom it is by are looked at. */
export function eventBy(actor: string, type: Recorded['type'] = 'ClientCreated'): Recorded {
  return { stream: expect.anything(), type, data: expect.anything(), actor };
}
