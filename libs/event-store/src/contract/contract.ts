import { noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { maxAppendBytes } from '../append-rules.js';
import { AppendTooLargeError, StreamDeletedError, UnavailableError, VersionConflictError } from '../errors.js';
import { type EventStore, type Position, type StreamRange } from '../port.js';
import { describeDeletion } from './deletion-contract.js';
import { anEvent, newStreamName, ofStreams } from './sample-events.js';
import { describeSubscriptions } from './subscription-contract.js';

export type OpenedStore = { store: EventStore; close(): Promise<void>; reopen?: () => Promise<EventStore> };

/**
 * Where stores may differ. `purges`: the log stops showing the events of deleted streams at once (EventStoreDB: only after a scavenge).
 * `shared`: others, or the store itself, write into the log meanwhile. `remote`: every append is a round trip, so bursts are smaller.
 */
export type StoreTraits = { purges: boolean; shared: boolean; remote: boolean };

/**
 * What every adapter must do. Streams get new names in each test and the log is read from its head at the start of the test, so that
 * the store may be shared with others.
 */
export function eventStoreContract(
  name: string,
  open: () => Promise<OpenedStore>,
  { purges, shared, remote }: StoreTraits = { purges: true, shared: false, remote: false },
): void {
  describe(`${name} keeps the event store contract`, () => {
    let opened: OpenedStore;
    const current = () => opened.store;
    beforeEach(async () => (opened = await open()));
    afterEach(() => opened.close());

    describe('append', () => describeAppend(current));
    describe('append of what was appended before', () => describeRepetition(current));
    describe('read', () => describeReading(current));
    describe('head', () => describeHead(current));
    describe('deleteStream', () => describeDeletion(current, purges));
    describe('subscribe', () => describeSubscriptions(current, remote));
    describe('close', () => describeClosing(() => opened, shared));
  });
}

function describeAppend(current: () => EventStore): void {
  it('counts revisions from 0 and moves the position', async () => {
    const stream = newStreamName();
    const first = await current().append(stream, [anEvent(), anEvent()], { expectedRevision: noRevision });
    const second = await current().append(stream, [anEvent()], { expectedRevision: 1 });
    expect([first.revision, second.revision]).toEqual([1, 2]);
    expect(second.position).toBeGreaterThan(first.position);
  });

  it('keeps every member as it was given', async () => {
    const stream = newStreamName();
    const event = { ...anEvent(), data: '{"text":"Grüße \\"🌍\\" \\u0000"}', metadata: '{"actor":"ä"}' };
    const { position } = await current().append(stream, [event], { expectedRevision: noRevision });
    expect(await current().readStream(stream)).toEqual([{ ...event, stream, revision: 0, position }]);
  });

  it.each([
    ['a stream that exists', noRevision, 1],
    ['a revision that has passed', 0, 1],
    ['a revision to come', 2, 1],
  ])('refuses %s and stores nothing', async (_case, expectedRevision, actualRevision) => {
    const stream = newStreamName();
    await current().append(stream, [anEvent(), anEvent()], { expectedRevision: noRevision });
    const late = current().append(stream, [anEvent()], { expectedRevision });
    await expect(late).rejects.toThrow(VersionConflictError);
    await expect(late).rejects.toMatchObject({ expectedRevision, actualRevision, code: 'version_conflict' });
    expect(await current().readStream(stream)).toHaveLength(2);
  });

  it('refuses a revision of a stream that does not exist', async () => {
    const late = current().append(newStreamName(), [anEvent()], { expectedRevision: 0 });
    await expect(late).rejects.toMatchObject({ expectedRevision: 0, actualRevision: noRevision });
  });

  it('lets exactly one of many writers at one revision win', async () => {
    const stream = newStreamName();
    const writers = Array.from({ length: 8 }, () => anEvent());
    const results = await Promise.allSettled(
      writers.map((event) => current().append(stream, [event], { expectedRevision: noRevision })),
    );
    const winners = writers.filter((_event, index) => results[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await current().readStream(stream)).map(({ id }) => id)).toEqual([winners[0]?.id]);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflictError);
  });

  it('lets a conflict fail alone among appends of one turn', async () => {
    const taken = newStreamName();
    await current().append(taken, [anEvent()], { expectedRevision: noRevision });
    const streams = [newStreamName(), taken, newStreamName()];
    const results = await Promise.allSettled(
      streams.map((stream) => current().append(stream, [anEvent()], { expectedRevision: noRevision })),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses an empty append', async () => {
    await expect(current().append(newStreamName(), [], { expectedRevision: noRevision })).rejects.toThrow(TypeError);
  });

  it.each(['', '$system', 'größe', 'a b', 'a\n'])('refuses the stream name %j', async (stream) => {
    await expect(current().append(stream, [anEvent()], { expectedRevision: noRevision })).rejects.toThrow(TypeError);
  });

  it.each(['', '$system'])('refuses the event type %j', async (type) => {
    const append = current().append(newStreamName(), [{ ...anEvent(), type }], { expectedRevision: noRevision });
    await expect(append).rejects.toThrow(TypeError);
  });

  it.each([-2, 0.5, Number.NaN])('refuses %d as a revision', async (expectedRevision) => {
    await expect(current().append(newStreamName(), [anEvent()], { expectedRevision })).rejects.toThrow(TypeError);
  });

  it('takes 1 MiB of data in one append, and not a byte more', async () => {
    const half = { data: JSON.stringify('x'.repeat(maxAppendBytes / 2 - 2)) };
    const more = { data: JSON.stringify(`${'x'.repeat(maxAppendBytes / 2 - 4)}é `) }; // as many characters, one byte more
    const stream = newStreamName();
    const tooLarge = [anEvent(half), anEvent(more)];
    await expect(current().append(stream, tooLarge, { expectedRevision: noRevision })).rejects.toThrow(
      AppendTooLargeError,
    );
    const { revision } = await current().append(stream, [anEvent(half), anEvent(half)], {
      expectedRevision: noRevision,
    });
    expect(revision).toBe(1);
  });
}

function describeRepetition(current: () => EventStore): void {
  it('gives the first answer again', async () => {
    const stream = newStreamName();
    const events = [anEvent(), anEvent()];
    const first = await current().append(stream, events, { expectedRevision: noRevision });
    expect(await current().append(stream, events, { expectedRevision: noRevision })).toEqual(first);
    expect(await current().readStream(stream)).toHaveLength(2);
  });

  it('does so after later events, and inside a stream', async () => {
    const stream = newStreamName();
    await current().append(stream, [anEvent()], { expectedRevision: noRevision });
    const events = [anEvent()];
    const { revision } = await current().append(stream, events, { expectedRevision: 0 });
    await current().append(stream, [anEvent()], { expectedRevision: 1 });
    const repeated = await current().append(stream, events, { expectedRevision: 0 });
    expect(repeated.revision).toBe(revision);
    expect(await current().readStream(stream)).toHaveLength(3);
  });

  it('does so for two that are under way together', async () => {
    const stream = newStreamName();
    const events = [anEvent(), anEvent()];
    const send = () => current().append(stream, events, { expectedRevision: noRevision });
    const [first, second] = await Promise.all([send(), send()]);
    expect(second).toEqual(first);
    expect(await current().readStream(stream)).toHaveLength(2);
  });

  it('is a conflict when the events are not exactly the same', async () => {
    const stream = newStreamName();
    const [one, two] = [anEvent(), anEvent()];
    await current().append(stream, [one, two], { expectedRevision: noRevision });
    for (const events of [
      [two, one],
      [one, anEvent()],
    ]) {
      await expect(current().append(stream, events, { expectedRevision: noRevision })).rejects.toThrow(
        VersionConflictError,
      );
    }
    expect(await current().readStream(stream)).toHaveLength(2);
  });
}

function describeReading(current: () => EventStore): void {
  it('finds nothing in a stream that does not exist', async () => {
    expect(await current().readStream(newStreamName())).toEqual([]);
  });

  it('reads a stream from any revision', async () => {
    const stream = newStreamName();
    await current().append(stream, [anEvent(), anEvent(), anEvent()], { expectedRevision: noRevision });
    const revisionsFrom = async (from: number) =>
      (await current().readStream(stream, { from })).map(({ revision }) => revision);
    expect(await Promise.all([0, 1, 2, 3, 9].map(revisionsFrom))).toEqual([[0, 1, 2], [1, 2], [2], [], []]);
  });

  it('reads no more of a stream than is asked for', async () => {
    const stream = newStreamName();
    await current().append(stream, [anEvent(), anEvent(), anEvent()], { expectedRevision: noRevision });
    const revisions = async (range: StreamRange) =>
      (await current().readStream(stream, range)).map(({ revision }) => revision);
    expect(await revisions({ limit: 2 })).toEqual([0, 1]);
    expect(await revisions({ from: 1, limit: 1 })).toEqual([1]);
    expect(await revisions({ from: 2, limit: 5 })).toEqual([2]);
  });

  it('reads the log from any position, in the order of the appends', async () => {
    const start = await current().head();
    const streams = [newStreamName(), newStreamName()];
    const appended: Position[] = [];
    for (const revision of [noRevision, 0, 1]) {
      for (const stream of streams) {
        const { position } = await current().append(stream, [anEvent()], { expectedRevision: revision });
        appended.push(position);
      }
    }
    const all = ofStreams(streams, await current().readAll(start, 1_000));
    expect(all.map(({ position }) => position)).toEqual(appended);
    expect(all.map(({ stream, revision }) => [stream, revision])).toEqual(
      [0, 1, 2].flatMap((revision) => streams.map((stream) => [stream, revision])),
    );
    for (const [index, position] of appended.entries()) {
      const rest = ofStreams(streams, await current().readAll(position, 1_000));
      expect(rest).toEqual(all.slice(index + 1));
    }
  });

  it('reads no more than it is asked for', async () => {
    const start = await current().head();
    const events = Array.from({ length: 5 }, () => anEvent());
    await current().append(newStreamName(), events, { expectedRevision: noRevision });
    expect(await current().readAll(start, 2)).toHaveLength(2);
  });

  it.each([0, -1, 1.5])('refuses to read %d events', async (limit) => {
    await expect(current().readAll(undefined, limit)).rejects.toThrow(TypeError);
  });

  it('tells whether it goes as far as a position', async () => {
    const { position } = await current().append(newStreamName(), [anEvent()], { expectedRevision: noRevision });
    expect(await current().reaches(position)).toBe(true);
    const { position: later } = await current().append(newStreamName(), [anEvent()], { expectedRevision: noRevision });
    expect(await Promise.all([position, later].map((each) => current().reaches(each)))).toEqual([true, true]);
  });
}

/** The head as it is asked for by whoever has just been given something. */
function describeHead(current: () => EventStore): void {
  it('tells the position of the last event', async () => {
    const { position } = await current().append(newStreamName(), [anEvent()], { expectedRevision: noRevision });
    expect(await current().head()).toBeGreaterThanOrEqual(position);
  });

  it('is never below what was acknowledged, read or delivered', async () => {
    const tooLow: string[] = [];
    const check = async (what: string, handedOut: Position | undefined): Promise<void> => {
      const head = await current().head();
      if (handedOut !== undefined && !(head !== undefined && head >= handedOut))
        tooLow.push(`${what} ${handedOut}: ${head}`);
    };
    const start = await current().head();
    const deliveries: Promise<void>[] = [];
    const subscription = current().subscribe(start, (events) => {
      deliveries.push(check('delivered', events.at(-1)?.position));
    });
    const writer = async (): Promise<void> => {
      const stream = newStreamName();
      for (const revision of [noRevision, 0, 1]) {
        const { position } = await current().append(stream, [anEvent()], { expectedRevision: revision });
        await check('acknowledged', position);
        await check('read', (await current().readStream(stream)).at(-1)?.position);
      }
      await check('deleted', await current().deleteStream(stream, { expectedRevision: 2 }));
      await check('read of all', (await current().readAll(start, 1_000)).at(-1)?.position);
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    await subscription.close();
    await Promise.all(deliveries);
    expect(deliveries.length).toBeGreaterThan(0);
    expect(tooLow).toEqual([]);
  });
}

function describeClosing(current: () => OpenedStore, shared: boolean): void {
  it('refuses every later call', async () => {
    const { store } = current();
    await store.close();
    const calls: (() => Promise<unknown>)[] = [
      () => store.append(newStreamName(), [anEvent()], { expectedRevision: noRevision }),
      () => store.readStream(newStreamName()),
      () => store.readAll(undefined, 1),
      async () => store.head(),
      () => store.deleteStream(newStreamName(), { expectedRevision: noRevision }),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(UnavailableError);
    await expect(store.close()).resolves.toBeUndefined();
  });

  it('loses nothing that was answered, and never goes back', async () => {
    const { store, reopen } = current();
    if (reopen === undefined) return;
    const [kept, gone] = [newStreamName(), newStreamName()];
    await store.append(kept, [anEvent(), anEvent()], { expectedRevision: noRevision });
    const before = await store.readStream(kept);
    await store.append(gone, [anEvent()], { expectedRevision: noRevision });
    const deletion = await store.deleteStream(gone, { expectedRevision: 0 });
    const head = await store.head();

    const again = await reopen();
    if (shared) expect(await again.head()).toBeGreaterThanOrEqual(head!);
    else expect(await again.head()).toBe(head);
    expect(await again.readStream(kept)).toEqual(before);
    await expect(again.readStream(gone)).rejects.toThrow(StreamDeletedError);
    await expect(again.append(kept, [anEvent()], { expectedRevision: 0 })).rejects.toThrow(VersionConflictError);
    const { position } = await again.append(kept, [anEvent()], { expectedRevision: 1 });
    expect(position).toBeGreaterThan(deletion);
  });
}
