import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store';
import { HistoryWriter, type Step, codecWith } from '../projection-spec.js';
import { ReadModel } from '../engine/read-model.js';
import {
  at,
  clientCreated,
  clientDeleted,
  codeIssued,
  codeRedeemed,
  consentAccepted,
  consentRedeemed,
  consentRequested,
  consentRevoked,
  grantEnded,
  refreshed,
  tokensFlushed,
} from '../spec-events.js';
import { findAccessToken } from './tokens.queries.js';

const issued: Step[] = [
  { type: 'SecretSealed', data: { secretId: '1', set: 'set', sealedJwk: 'sealed' } },
  clientCreated(),
  consentRequested(),
  consentAccepted(),
  consentRedeemed(),
  codeIssued(),
  ...codeRedeemed(),
];
const hash = 'access-1';
const soon = new Date(at(60));

/** Finds the token, so that it is remembered, applies one more step, and looks again. */
async function foundAfter(step: Step): Promise<{ found: boolean; remembered: boolean }> {
  const store = new MemoryEventStore();
  const codec = codecWith();
  const writer = new HistoryWriter(store, codec);
  for (const each of issued) await writer.write(each);
  const model = await ReadModel.open({ file: ':memory:', store, codec });
  model.start();
  await model.catchUp();
  const before = findAccessToken(model.db, hash, soon);
  expect(before?.clientId).toBe('app');
  await writer.write(step);
  await model.catchUp();
  const after = findAccessToken(model.db, hash, soon);
  await model.close();
  await store.close();
  return { found: after !== undefined, remembered: after === before };
}

describe('a token that was found alive before', () => {
  it.each<[string, Step]>([
    ['its client was deleted', clientDeleted()],
    ['its consent was revoked', consentRevoked()],
    ['its consent to this client was revoked', consentRevoked('app')],
    ['it was refreshed', refreshed(['1', '2'])],
    ['its code was replayed', grantEnded('AuthorizationCodeReplayed')],
    ['its refresh token was reused', grantEnded('RefreshTokenReused')],
    ['it was revoked', grantEnded('TokensRevoked')],
    ['it was flushed', tokensFlushed(at(21))],
    ['its stream was deleted', { deleteStream: 'grant-consent-1' }],
  ])('is not found after %s', async (_what, step) => {
    expect((await foundAfter(step)).found).toBe(false);
  });

  it.each<[string, Step]>([
    ['another client was created', clientCreated('other')],
    ['the consent of somebody else was revoked', consentRevoked(null, 'hash-bert')],
    ['another grant was revoked', grantEnded('TokensRevoked', 'another')],
  ])('is found after %s', async (_what, step) => {
    expect((await foundAfter(step)).found).toBe(true);
  });

  it.each<[string, Step, boolean]>([
    ['remembered after what ends no token', clientCreated('other'), true],
    ['remembered after a stream without tokens was deleted', { deleteStream: 'secret-1' }, true],
  ])('is %s', async (_what, step, remembered) => {
    expect(await foundAfter(step)).toEqual({ found: true, remembered });
  });
});
