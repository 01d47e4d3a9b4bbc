import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#libs/event-store';
import { HistoryWriter, longAfter, allRows, cleanUpAll, codecWith, inFolder } from './projection-spec.js';
import { ReadModel } from './engine/read-model.js';
import { rebuildReadModel } from './engine/rebuild.js';
import { everyAnswer } from './spec-answers.js';
import { type Move, Story, moves } from './spec-history.js';

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
