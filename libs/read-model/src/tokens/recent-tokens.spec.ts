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
  clientCreated(),
  consentRequested(),
  consentAccepted(),
  consentRedeemed(),
  codeIssued(),
  ...codeRedeemed(),
];
const hash = 'access-1';
const soon = new Date(at(60));

/** Finds the token, so that it is remembered, applies one more event, and looks again. */
async function foundAfter(step: Step): Promise<boolean> {
  const store = new MemoryEventStore();
  const codec = codecWith();
  const writer = new HistoryWriter(store, codec);
  for (const each of issued) await writer.write(each);
  const model = await ReadModel.open({ file: ':memory:', store, codec });
  model.start();
  await model.catchUp();
  expect(findAccessToken(model.db, hash, soon)?.clientId).toBe('app');
  await writer.write(step);
  await model.catchUp();
  const found = findAccessToken(model.db, hash, soon) !== undefined;
  await model.close();
  await store.close();
  return found;
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
  ])('is not found after %s', async (_what, step) => {
    expect(await foundAfter(step)).toBe(false);
  });

  it.each<[string, Step]>([
    ['another client was created', clientCreated('other')],
    ['the consent of somebody else was revoked', consentRevoked(null, 'hash-bert')],
    ['another grant was revoked', grantEnded('TokensRevoked', 'another')],
  ])('is found after %s', async (_what, step) => {
    expect(await foundAfter(step)).toBe(true);
  });
});
