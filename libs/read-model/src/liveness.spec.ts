import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#libs/event-store';
import { findClient } from './clients/clients.projection.js';
import { type ReadModelDatabase } from './engine/database.js';
import { ReadModel } from './engine/read-model.js';
import { HistoryWriter, cleanUpAll, codecWith, inFolder } from './projection-spec.js';
import { type Move, Story, clients, tokenMoves } from './spec-history.js';
import { findAccessToken } from './tokens/tokens.queries.js';

/** What is answered from memory where it can be: every token that was ever issued, and every client. */
function answers(db: ReadModelDatabase, story: Story): unknown {
  return {
    tokens: story.tokenNames.map((name) => [name, findAccessToken(db, `access-${name}`, story.now)?.active]),
    clients: clients.map((id) => findClient(db, id)),
  };
}

/** The same, from the rows: this database was never asked before, so that nothing is remembered for it. */
function answersOfRows(file: string, story: Story): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return answers(db, story);
  } finally {
    db.close();
  }
}

async function rememberedAnswersAreThoseOfTheRows(history: readonly Move[], file: string): Promise<void> {
  const store = new MemoryEventStore();
  const codec = codecWith();
  const writer = new HistoryWriter(store, codec);
  const story = new Story((stream) => writer.revisionOf(stream));
  const live = await ReadModel.open({ file, store, codec });
  live.start();
  try {
    for (const move of history) {
      for (const step of story.next(move)) {
        await writer.write(step);
        await live.catchUp();
        expect(answers(live.db, story)).toEqual(answersOfRows(file, story));
      }
      if (move.kind === 'cleanUp') await cleanUpAll(live.db, story.now);
    }
  } finally {
    await live.close();
    await store.close();
  }
}

describe('after every event of any history', () => {
  it('what is remembered of tokens and clients is what the rows say', () =>
    inFolder((folder) => {
      let runs = 0;
      const property = fc.asyncProperty(tokenMoves, async (history) => {
        runs += 1;
        await rememberedAnswersAreThoseOfTheRows(history, join(folder, `${runs}.db`));
      });
      return fc.assert(property, { numRuns: 25, endOnFailure: true });
    }));
});
