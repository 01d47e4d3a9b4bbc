import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { type EventStore, type Position, streamDeleted, type StoredEvent } from '../port.js';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { type Step, batches, step } from './workload.js';

/** The steps of one turn are under way together. */
const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });

describe('SqliteEventStore', () => {
  it('answers any workload as MemoryEventStore does', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (workload) => {
        const directory = mkdtempSync(join(tmpdir(), 'differential-'));
        try {
          const inMemory = await answersOf(new MemoryEventStore(), workload);
          const onDisk = await answersOf(openSqliteEventStore(directory), workload);
          expect(onDisk).toEqual(inMemory);
        } finally {
          rmSync(directory, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Every answer and refusal, and at the end what a subscriber from the start and one from now on have seen. */
async function answersOf(store: EventStore, workload: readonly (readonly Step[])[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  const live: StoredEvent[] = [];
  const subscription = store.subscribe(undefined, (events) => void live.push(...events));
  for (const turn of workload) {
    const reads = turn.filter(({ do: what }) => what !== 'append' && what !== 'delete');
    const writes = turn.filter(({ do: what }) => what === 'append' || what === 'delete');
    answers.push(await Promise.all(writes.map((one) => answerOf(store, one))));
    answers.push(await Promise.all(reads.map((one) => answerOf(store, one))));
  }
  const all = await store.readAll(undefined, 1_000);
  const deleted = new Set(all.filter(({ type }) => type === streamDeleted).map((event) => event.stream));
  answers.push(
    all.map(withoutRandomId),
    live.filter((event) => !deleted.has(event.stream)),
  );
  await subscription.close();
  await store.close();
  return answers;
}

async function answerOf(store: EventStore, one: Step): Promise<unknown> {
  try {
    switch (one.do) {
      case 'append':
        return await store.append(one.stream, batches[one.batch]!, one);
      case 'delete':
        return await store.deleteStream(one.stream, one);
      case 'readStream':
        return (await store.readStream(one.stream, one)).map(withoutRandomId);
      case 'readAll':
        return (await store.readAll(one.after as Position, one.limit)).map(withoutRandomId);
      case 'head':
        return await store.head();
    }
  } catch (error) {
    return String(error);
  }
}

function withoutRandomId(event: StoredEvent): StoredEvent {
  return event.type === streamDeleted ? { ...event, id: '' } : { ...event };
}
