import { randomUUID } from 'node:crypto';
import { noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Step, batches, step } from '../contract/workload.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { type EventStore, type Position, streamDeleted, type StoredEvent } from '../port.js';
import { openEventStoreDb } from './open-eventstoredb.js';

const realServer = process.env['EVENTSTOREDB_URL'];

describe.each(realServer === undefined ? ['its double'] : ['its double', realServer])('EventStoreDB (%s)', (server) => {
  let double: EventStoreDbDouble;
  beforeAll(async () => (double = await startEventStoreDbDouble()));
  afterAll(() => double.close());

  it('answers any workload as MemoryEventStore does', async () => {
    const url = server === realServer ? server : double.url;
    const workloads = fc.array(step, { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(workloads, async (workload) => {
      const steps = possibleSteps(workload);
      const inMemory = await answersOf(new MemoryEventStore(), steps);
      const remote = await answersOf(await openEventStoreDb({ url, prefix: `t${randomUUID()}.` }), steps);
      expect(remote).toEqual(inMemory);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

/**
 * Leaves out appends of events that were sent to the same stream at another revision: the server finds a repetition by where it saw an
 * event last. Commands never do that, their ids are used at one revision only.
 */
function possibleSteps(workload: readonly Step[]): Step[] {
  const sentAt = new Map<string, number>();
  return workload.filter((one) => {
    if (one.do !== 'append') return true;
    const key = `${one.stream} ${one.batch}`;
    const first = sentAt.get(key) ?? one.expectedRevision;
    sentAt.set(key, first);
    return first === one.expectedRevision;
  });
}

/**
 * Every answer and refusal, and what the log and a subscriber show in the end, but for what lawfully differs: positions are those of
 * this store (they must increase), and a deleted stream's events may still be there.
 */
async function answersOf(store: EventStore, steps: readonly Step[]): Promise<unknown[]> {
  const start = await store.head();
  const live: StoredEvent[] = [];
  const subscription = store.subscribe(start, (events) => void live.push(...events));
  const answers: unknown[] = [];
  for (const one of steps) answers.push(await answerOf(store, one, start));
  const marker = 'end-of-workload';
  await store.append(marker, batches[0]!, { expectedRevision: noRevision });
  await until('the subscriber has seen everything', async () => live.some(({ stream }) => stream === marker));
  const all = await store.readAll(start, 10_000);
  expect(live.map(({ position }) => position)).toEqual(live.map(({ position }) => position).toSorted((a, b) => a - b));
  answers.push(surviving(all, all).map(comparable), surviving(live, all).map(comparable));
  await subscription.close();
  await store.close();
  return answers;
}

async function answerOf(store: EventStore, one: Step, start: Position | undefined): Promise<unknown> {
  try {
    switch (one.do) {
      case 'append': {
        const { revision, position } = await store.append(one.stream, batches[one.batch]!, one);
        const [last] = (await store.readStream(one.stream)).slice(revision, revision + 1);
        expect(position).toBe(last?.position);
        return revision;
      }
      case 'delete':
        expect(await store.deleteStream(one.stream, one)).toBeLessThanOrEqual((await store.head())!);
        return 'deleted';
      case 'readStream':
        return (await store.readStream(one.stream, one)).map(comparable);
      case 'readAll': {
        const all = await store.readAll(start, 10_000);
        const after = surviving(all, all)[one.after % 8]?.position ?? start;
        const rest = await store.readAll(after, 10_000);
        expect(await store.readAll(after, one.limit)).toEqual(rest.slice(0, one.limit));
        return surviving(rest, all).map(comparable);
      }
      case 'head':
        return (await store.readAll(await store.head(), 1)).filter(isOurs);
    }
  } catch (error) {
    if (error instanceof Error && 'matcherResult' in error) throw error;
    return String(error);
  }
}

/** Ours among the events, but for those of streams that were deleted according to the whole log. */
function surviving(events: readonly StoredEvent[], all: readonly StoredEvent[]): StoredEvent[] {
  const deleted = new Set(all.filter(({ type }) => type === streamDeleted).map(({ stream }) => stream));
  return events.filter((event) => isOurs(event) && (event.type === streamDeleted || !deleted.has(event.stream)));
}

function isOurs({ stream }: StoredEvent): boolean {
  return stream !== '';
}

function comparable({ position: _position, ...event }: StoredEvent): unknown {
  return event.type === streamDeleted ? { ...event, id: 'any' } : event;
}
