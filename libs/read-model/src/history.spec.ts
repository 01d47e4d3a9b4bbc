import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#libs/event-store';
import { findClient } from './clients/clients.projection.js';
import {
  findConsentRequest,
  findRememberedConsent,
  listConsentSessions,
} from './consent-requests/consent-requests.queries.js';
import { type ReadModelDatabase } from './engine/database.js';
import { findKeySet } from './keys/keys.queries.js';
import { findLoginByVerifier, findLoginRequest } from './login-requests/login-requests.projection.js';
import { HistoryWriter, longAfter, allRows, cleanUpAll, codecWith, inFolder } from './projection-spec.js';
import { ReadModel } from './engine/read-model.js';
import { rebuildReadModel } from './engine/rebuild.js';
import { findLoginSession } from './sessions/sessions.projection.js';
import { type Move, Story, clients, moves, subjects } from './spec-history.js';
import { findForcedIdentifier } from './subjects/subjects.projection.js';
import { findAccessToken, findAuthorizationCode, findRefreshToken } from './tokens/tokens.queries.js';

/** What the authority can see of a small world. */
function everyAnswer(db: ReadModelDatabase, now: Date): unknown {
  const ids = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const challenges = [...ids('consent', 4), ...ids('skip', 4)];
  const person = { clientId: 'app', clientIncarnation: 0 };
  return {
    clients: clients.map((id) => findClient(db, id)),
    logins: ids('login', 4).map((id) => findLoginRequest(db, id)),
    verifiers: ids('verifier-login', 4).map((hash) => findLoginByVerifier(db, hash)?.alive === true),
    sessions: ids('sid', 3).map((id) => findLoginSession(db, id)),
    consents: challenges.map((id) => findConsentRequest(db, id)),
    codes: challenges
      .map((id) => findAuthorizationCode(db, `code-${id}`))
      .map((code) => (code?.alive ? code : undefined)),
    remembered: subjects.map((subjectHash) => findRememberedConsent(db, { ...person, subjectHash, now })),
    forced: subjects.map((subjectHash) => findForcedIdentifier(db, { ...person, subjectHash })),
    lists: subjects.map((subjectHash) => listConsentSessions(db, { subjectHash, now, limit: 9, offset: 0 })),
    access: ids('access', 60).map((hash) => findAccessToken(db, hash, now)?.introspection('https://op/')),
    refresh: ids('refresh', 60).map((hash) => findRefreshToken(db, hash, now)?.introspection('https://op/')),
    keys: findKeySet(db, 'set'),
  };
}

async function liveAndRebuiltAgree(history: readonly Move[], folder: string): Promise<void> {
  const store = new MemoryEventStore();
  const codec = codecWith();
  const writer = new HistoryWriter(store, codec);
  const story = new Story((stream) => writer.revisionOf(stream));
  const live = await ReadModel.open({ file: ':memory:', store, codec });
  live.start();
  for (const move of history) {
    for (const step of story.next(move)) await writer.write(step);
    if (move.kind !== 'cleanUp') continue;
    await live.catchUp();
    await cleanUpAll(live.db, story.now);
  }
  await live.catchUp();

  const file = join(folder, 'rebuilt.db');
  await rebuildReadModel({ file, store, codec });
  const rebuilt = await ReadModel.open({ file, store, codec });
  const answers = everyAnswer(rebuilt.db, story.now) as { codes: unknown };
  expect({ ...(everyAnswer(live.db, story.now) as object), codes: null }).toEqual({ ...answers, codes: null });
  for (const now of [story.now, longAfter]) {
    await cleanUpAll(live.db, now);
    await cleanUpAll(rebuilt.db, now);
    expect(allRows(live.db)).toEqual(allRows(rebuilt.db));
    expect(everyAnswer(live.db, now)).toEqual(everyAnswer(rebuilt.db, now));
  }
  await Promise.all([live.close(), rebuilt.close()]);
}

describe('after any history', () => {
  it('a read model cleaned up on the way answers like one rebuilt later, and has the same rows after its clean-up', () =>
    inFolder((folder) =>
      fc.assert(
        fc.asyncProperty(moves, (history) => liveAndRebuiltAgree(history, folder)),
        { numRuns: 60, endOnFailure: true },
      ),
    ));
});
