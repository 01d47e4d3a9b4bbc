import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, type Position } from '#libs/event-store';
import { type ReadModelDatabase } from '../engine/database.js';
import { ReadModel } from '../engine/read-model.js';
import { HistoryWriter, type Step, codecWith, given } from '../projection-spec.js';
import * as events from '../spec-events.js';
import { operationalKinds } from './operational-streams.projection.js';
import { countDueStreams, findDueGrantsOfTheDead, findDueStreams } from './operational-streams.queries.js';

const { at } = events;
const graceMs = 100_000;
const requestLifespanMs = 1_000;
const everything = Number.MAX_SAFE_INTEGER as Position;
const hourMs = 3_600_000;

type Asked = { readonly upTo?: Position; readonly ofTheDead?: boolean };

/** The streams that are due at a time, in the order in which they would be deleted. */
function due(seconds: number, { upTo = everything, ofTheDead = false }: Asked = {}) {
  const query = { graceMs, requestLifespanMs, now: new Date(at(seconds)), upTo, after: undefined, limit: 10 };
  return (db: ReadModelDatabase): string[] => {
    const found = operationalKinds.map((kind) => findDueStreams(db, kind, query).due);
    for (const [index, kind] of operationalKinds.entries())
      expect(countDueStreams(db, kind, query).count).toBe(found[index]!.length);
    return [...found.flat(), ...(ofTheDead ? findDueGrantsOfTheDead(db, query).due : [])].map(({ stream }) => stream);
  };
}

/** It is due from `seconds` and the grace on, and not a moment before. */
async function dueFrom(steps: readonly Step[], seconds: number, streams: readonly string[]): Promise<void> {
  await given(...steps).thenAnswers(due(seconds + graceMs / 1000), streams);
  await given(...steps).thenAnswers(due(seconds + graceMs / 1000 - 0.001), []);
}

/** What a read model answers that has applied each step before the next one came: the events of a deleted stream too. */
async function followed<T>(steps: readonly Step[], query: (db: ReadModelDatabase) => T): Promise<T> {
  const store = new MemoryEventStore();
  const codec = codecWith();
  const writer = new HistoryWriter(store, codec);
  const model = await ReadModel.open({ file: ':memory:', store, codec });
  model.start();
  for (const step of steps) {
    await writer.write(step);
    await model.catchUp();
  }
  const answer = query(model.db);
  await model.close();
  await store.close();
  return answer;
}

const consent: Step[] = [events.clientCreated(), events.consentRequested(), events.consentAccepted()];
const flow: Step[] = [...consent, events.codeIssued()];
const tokens: Step[] = [...flow, ...events.codeRedeemed()];
const machine = events.machineTokens('m', { accessTokenExpiresAt: at(3600) });
const machineStream = `machine-${encodeURIComponent(at(0.9).slice(0, 18))}`;
const lifespan = requestLifespanMs / 1000;
const refreshExpiry = 720 * 3600;

describe('what is over', () => {
  it('is a login an hour after its challenge is refused', async () => {
    const seconds = lifespan + hourMs / 1000;
    await dueFrom([events.loginAcceptedWhole(), events.loginRedeemed()], seconds, ['login-login-1']);
    await dueFrom([events.loginRejectedWhole()], seconds, ['login-login-1']);
    await dueFrom([events.loginRequested(), events.loginAccepted()], seconds, ['login-login-1']);
  });

  it('is a consent that nobody decided', () => dueFrom([events.consentRequested()], lifespan, ['consent-consent-1']));

  it('is never a consent that a person decided', async () => {
    await given(...consent, events.consentRedeemed()).thenAnswers(due(refreshExpiry * 9), []);
    await given(events.consentRequested(), events.consentRejected()).thenAnswers(due(refreshExpiry * 9), []);
  });

  it('is a consent that a remembered one covered, once its grant is deleted', async () => {
    const skipped = [
      ...consent,
      events.consentRequested('skip-1', { rememberedConsent: 'consent-1' }),
      events.consentAccepted('skip-1'),
    ];
    await dueFrom(skipped, lifespan, ['consent-skip-1']);
    const granted = [...skipped, events.codeIssued('skip-1')];
    await given(...granted).thenAnswers(due(refreshExpiry * 9), ['grant-skip-1']);
    expect(await followed([...granted, { deleteStream: 'grant-skip-1' }], due(refreshExpiry * 9))).toEqual([
      'consent-skip-1',
    ]);
  });

  it('is a grant when its code has expired', () => dueFrom(flow, 610, ['grant-consent-1']));
  it('is a grant when the last of its tokens has', () => dueFrom(tokens, refreshExpiry, ['grant-consent-1']));
  it('is a grant once it was revoked', async () => {
    await dueFrom([...tokens, events.grantEnded('TokensRevoked')], 40, ['grant-consent-1']);
    await dueFrom([...tokens, events.grantEnded('RefreshTokenReused')], 40, ['grant-consent-1']);
    await dueFrom([...tokens, events.grantEnded('AuthorizationCodeReplayed')], 40, ['grant-consent-1']);
  });
  it('is a grant that was born dead', () =>
    dueFrom([...consent, events.consentRevoked(), events.codeIssued()], 10, ['grant-consent-1']));
  it('is never a grant with a refresh token that does not expire, unless its consent or client dies', async () => {
    const { data } = events.refreshed(['1', '2']) as { data: object };
    const lasting = [...tokens, { type: 'TokensRefreshed', data: { ...data, refreshTokenExpiresAt: null } } as Step];
    const late = refreshExpiry * 99;
    await given(...lasting).thenAnswers(due(late, { ofTheDead: true }), []);
    const deleted = [...lasting, events.clientDeleted(), events.clientCreated()];
    await given(...deleted).thenAnswers(due(100, { ofTheDead: true }), ['grant-consent-1']);
    await given(...deleted).thenAnswers(due(99, { ofTheDead: true }), []);
    const revoked = [...lasting, events.consentRevoked('app')];
    await given(...revoked).thenAnswers(due(105, { ofTheDead: true }), ['grant-consent-1']);
    await given(...revoked).thenAnswers(due(104, { ofTheDead: true }), []);
    await given(...lasting, events.consentRevoked('other')).thenAnswers(due(late, { ofTheDead: true }), []);
  });

  it('is what a machine got, when the last of it has expired', () => dueFrom([machine], 3600, [machineStream]));
  it('is the revocation of a token of a client alone, but only once the token is deleted', async () => {
    const revoked = [machine, events.grantEnded('TokensRevoked', 'grant-m')];
    await given(...revoked).thenAnswers(due(3600), []);
    await given(...revoked).thenAnswers(due(3700), [machineStream]);
    const left = [...revoked, { deleteStream: machineStream }];
    expect(await followed(left, due(140))).toEqual(['grant-grant-m']);
    await given(...left).thenAnswers(due(140), ['grant-grant-m']);
  });

  it('is a used assertion when no other of its bucket can be used', () => {
    const used = { type: 'ClientAssertionUsed', data: { assertionHash: 'hash', refusedFrom: at(300) } } as const;
    return dueFrom([used], 300, [`assertion-${encodeURIComponent(at(300))}`]);
  });

  it('is nothing that somebody has yet to read', async () => {
    await given(...flow).thenAnswers(due(9_999, { upTo: 3 as Position }), []);
    await given(...flow).thenAnswers(due(9_999, { upTo: 4 as Position }), ['grant-consent-1']);
  });
});
