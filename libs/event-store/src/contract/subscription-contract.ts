import { noRevision } from '#libs/domain';
import { expect, it } from '@jest/globals';
import { type EventStore, type Position, streamDeleted, type StoredEvent, type Subscription } from '../port.js';
import { anEvent, newStreamName, ofStreams } from './sample-events.js';

/** The part of the contract about `subscribe`. */
export function describeSubscriptions(current: () => EventStore, remote: boolean): void {
  describeDelivery(current);
  describeHandlers(current, remote ? 4 : 15);
}

function describeDelivery(current: () => EventStore): void {
  it('delivers what is stored and what is appended later, each once and in order', async () => {
    const start = await current().head();
    const streams = await appendToMany(current(), 1_300);
    const seen = new Seen(current(), start);
    const live = await appendToMany(current(), 200);
    await seen.untilAll([...streams, ...live]);
    expect(seen.of([...streams, ...live])).toEqual(await readOf(current(), start, [...streams, ...live]));
    await seen.close();
  });

  it('misses nothing while appends go on during the catch-up', async () => {
    const start = await current().head();
    const stored = await appendToMany(current(), 2_500);
    const seen = new Seen(current(), start);
    const meanwhile: string[] = [];
    while (seen.events.length < stored.length) meanwhile.push(...(await appendToMany(current(), 20)));
    await seen.untilAll([...stored, ...meanwhile]);
    expect(seen.of([...stored, ...meanwhile])).toEqual(await readOf(current(), start, [...stored, ...meanwhile]));
    await seen.close();
  });

  it('begins right after a position, also when its event is gone', async () => {
    const [gone, next] = [newStreamName(), newStreamName()];
    const { position } = await current().append(gone, [anEvent()], { expectedRevision: noRevision });
    await current().deleteStream(gone, { expectedRevision: 0 });
    await current().append(next, [anEvent()], { expectedRevision: noRevision });
    const seen = new Seen(current(), position);
    await seen.until((events) => events.some(({ stream }) => stream === next));
    expect(seen.of([gone, next]).map(({ type }) => type)).toEqual([streamDeleted, 'SomethingHappened']);
    await seen.close();
  });

  it('delivers deletions as they happen', async () => {
    const seen = new Seen(current(), await current().head());
    const stream = newStreamName();
    await current().append(stream, [anEvent()], { expectedRevision: noRevision });
    await current().deleteStream(stream, { expectedRevision: 0 });
    await seen.until((events) => events.some((event) => event.stream === stream && event.type === streamDeleted));
    await seen.close();
  });

  it('serves several subscribers independently', async () => {
    const start = await current().head();
    const [one, two] = [new Seen(current(), start), new Seen(current(), start)];
    const [first] = await appendToMany(current(), 1);
    await Promise.all([one, two].map((seen) => seen.until((events) => events.some(({ stream }) => stream === first))));
    await one.close();
    const [second] = await appendToMany(current(), 1);
    await two.until((events) => events.some(({ stream }) => stream === second));
    expect(one.of([second!])).toEqual([]);
    await two.close();
  });
}

function describeHandlers(current: () => EventStore, bursts: number): void {
  it('waits for a slow handler, however much is appended meanwhile', async () => {
    const start = await current().head();
    const seen = new Seen(current(), start, async () => {
      await current().head(); // some work that takes turns of the event loop
      await new Promise((resolve) => setImmediate(resolve));
    });
    const streams: string[] = [];
    for (let round = 0; round < bursts; round += 1) streams.push(...(await appendToMany(current(), 1_000)));
    await seen.untilAll(streams);
    expect(seen.overlaps).toBe(0);
    expect(seen.of(streams)).toEqual(await readOf(current(), start, streams));
    await seen.close();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
  ])('ends when the handler %s', async (_case, fail) => {
    let calls = 0;
    const subscription = current().subscribe(await current().head(), () => {
      calls += 1;
      return fail();
    });
    await appendToMany(current(), 1);
    await expect(subscription.failed).rejects.toThrow('full');
    await appendToMany(current(), 1);
    expect(calls).toBe(1);
    await subscription.close();
  });

  it('delivers nothing after close, which waits for the batch in hand', async () => {
    const work = { begin: () => {}, finish: () => {}, finished: false };
    const begun = new Promise<void>((resolve) => (work.begin = resolve));
    const toFinish = new Promise<void>((resolve) => (work.finish = resolve));
    let calls = 0;
    const subscription = current().subscribe(await current().head(), async () => {
      calls += 1;
      work.begin();
      await toFinish;
      work.finished = true;
    });
    await appendToMany(current(), 1);
    await begun;
    const closing = subscription.close();
    await appendToMany(current(), 1);
    expect(work.finished).toBe(false);
    work.finish();
    await closing;
    expect(work.finished).toBe(true);
    await appendToMany(current(), 1);
    expect(calls).toBe(1);
  });
}

/** Records what a subscription delivers, and lets a test wait for a condition on it. */
class Seen {
  readonly events: StoredEvent[] = [];
  overlaps = 0;
  private running = false;
  private readonly subscription: Subscription;
  private check: () => void = () => undefined;

  constructor(store: EventStore, after: Position | undefined, work?: () => Promise<void>) {
    this.subscription = store.subscribe(after, (events) => {
      if (this.running) this.overlaps += 1;
      this.events.push(...events);
      if (work === undefined) return this.check();
      this.running = true;
      return work().then(() => {
        this.running = false;
        this.check();
      });
    });
  }

  async until(condition: (events: readonly StoredEvent[]) => boolean): Promise<void> {
    const met = new Promise<void>((resolve) => {
      this.check = () => condition(this.events) && resolve();
      this.check();
    });
    await Promise.race([met, this.subscription.failed]);
  }

  /** Waits until something of every stream was delivered. */
  untilAll(streams: readonly string[]): Promise<void> {
    const missing = new Set(streams);
    let looked = 0;
    return this.until((events) => {
      for (; looked < events.length; looked += 1) missing.delete(events[looked]!.stream);
      return missing.size === 0;
    });
  }

  of(streams: readonly string[]): StoredEvent[] {
    return ofStreams(streams, this.events);
  }

  close(): Promise<void> {
    return this.subscription.close();
  }
}

/** One event each into new streams, all in one turn; returns their names. */
async function appendToMany(store: EventStore, count: number): Promise<string[]> {
  const streams = Array.from({ length: count }, newStreamName);
  await Promise.all(streams.map((stream) => store.append(stream, [anEvent()], { expectedRevision: noRevision })));
  return streams;
}

async function readOf(
  store: EventStore,
  after: Position | undefined,
  streams: readonly string[],
): Promise<StoredEvent[]> {
  return ofStreams(streams, await store.readAll(after, 1_000_000));
}
