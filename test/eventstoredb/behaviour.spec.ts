import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  binaryEvent,
  eventTypeFilter,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#libs/harness';
import { ObservedSubscription } from './observed-subscription.js';
import {
  type ServerUnderTest,
  anEvent,
  at,
  connect,
  credentials,
  head,
  newStream,
  read,
  serversUnderTest,
} from './servers-under-test.js';

type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';
type Appended = { revision: bigint; position: bigint };

describe.each(serversUnderTest)('EventStoreDB, as %s', (_name, start) => {
  let server: ServerUnderTest;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await start();
    client = connect(server.url, '&defaultDeadline=10000');
  });
  afterAll(async () => {
    await client.dispose();
    await server.close();
  });

  const send = (stream: string, expectedRevision: Expected, events = [anEvent()]) =>
    client.appendToStream(stream, events, { expectedRevision, credentials });
  const append = async (stream: string, expected: Expected, events = [anEvent()]): Promise<Appended> => {
    const { nextExpectedRevision, position } = await send(stream, expected, events);
    return { revision: nextExpectedRevision, position: position?.commit ?? -1n };
  };
  const revisions = async (stream: string) =>
    (await read(client.readStream(stream))).map(({ event }) => event?.revision);
  const logFrom = async (position: bigint, stream: string) => {
    const events = await read(client.readAll({ fromPosition: at(position) }));
    return events.filter(({ event }) => event?.streamId === stream || event?.streamId === `$$${stream}`);
  };

  describe('appending', () => {
    it('answers with the revision and the position of the last event', async () => {
      const stream = newStream();
      const { revision, position } = await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      const last = (await read(client.readStream(stream))).at(-1)?.event;
      expect(revision).toBe(1n);
      expect(last).toMatchObject({ revision: 1n, position: at(position), isJson: true, data: { n: 1 } });
    });

    it('keeps what it was given, and when it was given it', async () => {
      const stream = newStream();
      const event = binaryEvent({ type: 'Bytes', data: Buffer.from([0, 255]), metadata: Buffer.from('{"a":"ä"}') });
      await client.appendToStream(stream, event, { credentials });
      const [stored] = await read(client.readStream(stream));
      expect(stored?.event).toMatchObject({ id: event.id, type: 'Bytes', isJson: false, streamId: stream });
      expect(Buffer.from(stored?.event?.data as Uint8Array)).toEqual(Buffer.from([0, 255]));
      expect(stored?.event?.metadata).toEqual({ a: 'ä' });
      expect(Math.abs(Number(stored?.event?.created) - Date.now())).toBeLessThan(60_000);
    });

    it.each<[string, Expected, bigint | string]>([
      ['no stream', NO_STREAM, 'no_stream'],
      ['a revision that has passed', 0n, 0n],
      ['a revision to come', 2n, 2n],
    ])('refuses a stream that is expected to be at %s', async (_case, expected, expectedVersion) => {
      const stream = newStream();
      await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      const refused = { type: 'wrong-expected-version', expectedVersion, actualVersion: 1n, message: '' };
      await expect(append(stream, expected)).rejects.toMatchObject({ ...refused, streamName: stream });
      expect(await revisions(stream)).toEqual([0n, 1n]);
    });

    it.each<Expected>([0n, STREAM_EXISTS])('tells that an expected stream (%s) is not there', async (expected) => {
      const refused = { type: 'wrong-expected-version', expectedVersion: expected, actualVersion: 'no_stream' };
      await expect(append(newStream(), expected)).rejects.toMatchObject(refused);
    });

    it('does not throw when the client, not the call, says so', async () => {
      const lenient = connect(server.url, '&throwOnAppendFailure=false');
      const stream = newStream();
      await append(stream, NO_STREAM);
      const options = { expectedRevision: NO_STREAM, credentials } as const;
      const answer = await lenient.appendToStream(stream, [anEvent()], options);
      expect(answer).toEqual({ success: false, nextExpectedRevision: 0n, position: undefined });
      const inTheCall = { ...options, throwOnAppendFailure: false };
      await expect(client.appendToStream(stream, [anEvent()], inTheCall)).rejects.toMatchObject({ actualVersion: 0n });
    });

    it('gives the first answer again for the same id at the same revision, also after later events', async () => {
      const stream = newStream();
      const events = [anEvent(), anEvent()];
      const first = await append(stream, NO_STREAM, events);
      expect(await append(stream, NO_STREAM, events)).toEqual(first);
      await append(stream, 1n);
      expect(await append(stream, NO_STREAM, events)).toEqual(first);
      expect(await revisions(stream)).toEqual([0n, 1n, 2n]);
    });

    it('appends the same id a second time at the current revision', async () => {
      const stream = newStream();
      const event = anEvent();
      await append(stream, NO_STREAM, [event]);
      expect(await append(stream, 0n, [event])).toMatchObject({ revision: 1n });
      expect(await revisions(stream)).toEqual([0n, 1n]);
    });

    it('refuses an old id and a new one together at the old revision', async () => {
      const stream = newStream();
      const [old, fresh] = [anEvent(), anEvent()];
      await append(stream, NO_STREAM, [old]);
      const refused = { type: 'wrong-expected-version', actualVersion: 0n };
      await expect(append(stream, NO_STREAM, [old, fresh])).rejects.toMatchObject(refused);
      await expect(append(stream, 'any', [old, fresh])).rejects.toMatchObject(refused);
    });

    it('takes the same id in another stream, and twice in one append', async () => {
      const event = anEvent();
      await append(newStream(), NO_STREAM, [event]);
      expect(await append(newStream(), NO_STREAM, [event, event])).toMatchObject({ revision: 1n });
    });

    it('goes by ids alone without an expected revision', async () => {
      const stream = newStream();
      const event = anEvent();
      const first = await append(stream, 'any', [event]);
      expect(await append(stream, 'any', [event])).toEqual(first);
      expect(await append(stream, STREAM_EXISTS, [event])).toEqual(first);
    });

    it('says yes to an append of nothing, and reports a revision of a stream that is not there', async () => {
      const stream = newStream();
      expect(await append(stream, NO_STREAM, [])).toMatchObject({ revision: 0n });
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
      await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      expect(await append(stream, 1n, [])).toMatchObject({ revision: 1n });
    });

    it('takes 1 MiB of data in one append, not counting metadata and types, and not a byte more', async () => {
      const bytes = (size: number) => {
        return binaryEvent({ type: 'T'.repeat(500), data: Buffer.alloc(size), metadata: Buffer.alloc(200_000) });
      };
      const options = { expectedRevision: NO_STREAM, credentials } as const;
      const half = 524_288;
      const tooLarge = client.appendToStream(newStream(), [bytes(half), bytes(half + 1)], options);
      await expect(tooLarge).rejects.toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 });
      const answer = await client.appendToStream(newStream(), [bytes(half), bytes(half)], options);
      expect(answer).toMatchObject({ success: true });
    });

    it.each(['a b', 'a/b', 'a%b%20', 'n'.repeat(5_000)])('takes a stream name like %j', async (part) => {
      const stream = `${newStream()}${part}`;
      await append(stream, NO_STREAM);
      expect(await revisions(stream)).toEqual([0n]);
      await client.tombstoneStream(stream, { expectedRevision: 0n });
      await expect(append(stream, NO_STREAM)).rejects.toMatchObject({ type: 'stream-deleted', streamName: stream });
    });

    it('takes a name that is not ASCII, and fails over its own errors about it', async () => {
      const stream = `${newStream()}-ä`;
      await append(stream, NO_STREAM);
      expect(await revisions(stream)).toEqual([0n]);
      await client.tombstoneStream(stream, { expectedRevision: 0n });
      const failed = { type: 'unknown', message: expect.stringContaining('HTTP status code 500') };
      await expect(append(stream, NO_STREAM)).rejects.toMatchObject(failed);
    });

    it('refuses an empty stream name and an empty event type with an error that has a type', async () => {
      const nameless = binaryEvent({ type: '', data: Buffer.alloc(0) });
      await expect(append('', NO_STREAM)).rejects.toMatchObject({ type: 'unknown' });
      const unnamed = client.appendToStream(newStream(), [nameless], { credentials });
      await expect(unnamed).rejects.toMatchObject({ type: 'unknown' });
    });

    it('serves calls that require the leader, and connection strings with several hosts', async () => {
      const { host } = new URL(server.url);
      const cluster = connect(`esdb://${host},${host}?tls=false&nodePreference=leader`);
      const stream = newStream();
      const options = { expectedRevision: NO_STREAM, credentials, requiresLeader: true } as const;
      expect(await cluster.appendToStream(stream, [anEvent()], options)).toMatchObject({ success: true });
      expect(await read(cluster.readStream(stream, { requiresLeader: true }))).toHaveLength(1);
    });
  });

  describe('deleting', () => {
    it('continues the revisions of a soft-deleted stream when it is created again', async () => {
      const stream = newStream();
      await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      await client.deleteStream(stream, { expectedRevision: 1n });
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream });
      await expect(append(stream, STREAM_EXISTS)).rejects.toMatchObject({ type: 'stream-deleted' });
      await expect(append(stream, 0n)).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 1n });
      expect(await append(stream, NO_STREAM)).toMatchObject({ revision: 2n });
      await until('readers find it again, some ms after the answer', () =>
        revisions(stream).then(Boolean, () => false),
      );
      expect(await revisions(stream)).toEqual([2n]);
    });

    it('writes a soft delete, and the return of the stream, to the metadata', async () => {
      const stream = newStream();
      const { position } = await append(stream, NO_STREAM);
      const deleted = await client.deleteStream(stream, { expectedRevision: 0n });
      await append(stream, NO_STREAM);
      await until('the return is in the log', async () => (await logFrom(position, stream)).length === 4);
      const log = (await logFrom(position, stream)).map(({ event }) => event);
      expect(log.map((event) => event?.type)).toEqual([
        'SomethingHappened',
        '$metadata',
        'SomethingHappened',
        '$metadata',
      ]);
      expect(log[1]).toMatchObject({ streamId: `$$${stream}`, revision: 0n, position: deleted.position });
      expect(log[3]).toMatchObject({ streamId: `$$${stream}`, revision: 1n, data: { $tb: 1 } });
    });

    it('recognises a repeated append to a stream that was soft-deleted since, without its position', async () => {
      const stream = newStream();
      const event = anEvent();
      await append(stream, NO_STREAM, [event]);
      await client.deleteStream(stream);
      const answer = await send(stream, NO_STREAM, [event]);
      expect(answer).toEqual({ success: true, nextExpectedRevision: 0n, position: undefined });
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
    });

    it('refuses everything about a tombstoned stream, whatever is expected', async () => {
      const stream = newStream();
      await append(stream, NO_STREAM);
      await client.tombstoneStream(stream, { expectedRevision: 0n });
      const refused = { type: 'stream-deleted', streamName: stream };
      for (const expected of ['any', NO_STREAM, STREAM_EXISTS, 0n, 1n] as const) {
        await expect(append(stream, expected)).rejects.toMatchObject(refused);
      }
      await expect(client.tombstoneStream(stream, { expectedRevision: 0n })).rejects.toMatchObject(refused);
      await expect(client.deleteStream(stream)).rejects.toMatchObject(refused);
      await expect(revisions(stream)).rejects.toMatchObject(refused);
    });

    it.each(['deleteStream', 'tombstoneStream'] as const)('%s honours the expected revision', async (method) => {
      const stream = newStream();
      await append(stream, NO_STREAM);
      const refused = { type: 'wrong-expected-version', streamName: stream, actualVersion: 0n };
      const late = client[method](stream, { expectedRevision: 4n });
      await expect(late).rejects.toMatchObject({ ...refused, expectedVersion: 4n });
      const tooEarly = client[method](stream, { expectedRevision: NO_STREAM });
      await expect(tooEarly).rejects.toMatchObject({ ...refused, expectedVersion: -1n });
      expect(await revisions(stream)).toEqual([0n]);
    });

    it('can tombstone a name that was never used, and cannot delete it', async () => {
      const stream = newStream();
      const missing = { type: 'wrong-expected-version', expectedVersion: -2n, actualVersion: -1n };
      await expect(client.deleteStream(stream)).rejects.toMatchObject(missing);
      await client.tombstoneStream(stream, { expectedRevision: NO_STREAM });
      await expect(append(stream, NO_STREAM)).rejects.toMatchObject({ type: 'stream-deleted' });
    });
  });

  describe('reading', () => {
    it('does not find a stream that is missing, and finds nothing past the end', async () => {
      const stream = newStream();
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream });
      await append(stream, NO_STREAM);
      expect(await read(client.readStream(stream, { fromRevision: 5n }))).toEqual([]);
      expect(await read(client.readAll({ fromPosition: END }))).toEqual([]);
      expect(await read(client.readAll({ fromPosition: at((await head(client)) + 1_000_000n) }))).toEqual([]);
    });

    it('reads a stream from any revision, in both directions', async () => {
      const stream = newStream();
      await append(
        stream,
        NO_STREAM,
        [0, 1, 2, 3].map(() => anEvent()),
      );
      const from = async (options: object) =>
        (await read(client.readStream(stream, options))).map(({ event }) => Number(event?.revision));
      expect(await from({ fromRevision: 2n })).toEqual([2, 3]);
      expect(await from({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
      expect(await from({ fromRevision: 2n, direction: BACKWARDS })).toEqual([2, 1, 0]);
      expect(await from({ fromRevision: END, direction: BACKWARDS, maxCount: 1 })).toEqual([3]);
    });

    it('answers a request for no events with an error on a stream and with nothing at all on the log', async () => {
      const stream = newStream();
      await append(stream, NO_STREAM);
      await expect(read(client.readStream(stream, { maxCount: 0 }))).rejects.toMatchObject({ type: 'unknown' });
      const never = client.readAll({ maxCount: 0 });
      let settled = false;
      never.on('data', () => (settled = true)).on('end', () => (settled = true));
      await revisions(stream);
      expect(settled).toBe(false);
      await never.cancel();
    });

    it('includes the event at the start position forwards, and excludes it backwards', async () => {
      const stream = newStream();
      const { position: first } = await append(stream, NO_STREAM);
      const { position: second } = await append(stream, 0n);
      const forwards = await read(client.readAll({ fromPosition: at(second), maxCount: 1 }));
      const backwards = await read(client.readAll({ fromPosition: at(second), maxCount: 1, direction: BACKWARDS }));
      expect(forwards[0]?.event?.position?.commit).toBe(second);
      expect(backwards[0]?.event?.position?.commit).toBeGreaterThanOrEqual(first);
      expect(backwards[0]?.event?.position?.commit).toBeLessThan(second);
    });

    it('gives every event one position of its own, in the order of the appends, with gaps', async () => {
      const stream = newStream();
      const { position } = await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      await append(stream, 1n);
      const events = await read(client.readStream(stream));
      const positions = events.map(({ event }) => event?.position?.commit ?? 0n);
      expect(positions[1]).toBe(position);
      for (const { event, commitPosition } of events) {
        expect(event?.position?.prepare).toBe(event?.position?.commit);
        expect(commitPosition).toBe(event?.position?.commit);
      }
      expect(positions[1]! - positions[0]!).toBeGreaterThan(1n);
      expect(positions[2]).toBeGreaterThan(positions[1]!);
    });

    it('tells the last position of the log', async () => {
      const before = await append(newStream(), NO_STREAM);
      const last = await head(client);
      const { position } = await append(newStream(), NO_STREAM);
      expect(last).toBeGreaterThanOrEqual(before.position);
      expect(last).toBeLessThan(position);
      const [event] = await read(client.readAll({ fromPosition: at(last), maxCount: 1 }));
      expect(event?.event?.position?.commit).toBe(last);
    });

    it('ignores the filter of a read of the log', async () => {
      const { position } = await append(newStream(), NO_STREAM);
      const filter = eventTypeFilter({ prefixes: ['NoSuchType'] });
      const options = { fromPosition: at(position), maxCount: 1, filter };
      expect(await read(client.readAll(options))).toHaveLength(1);
    });

    it('fails at a position that is not an event’s', async () => {
      const { position } = await append(newStream(), NO_STREAM);
      const events = read(client.readAll({ fromPosition: at(position - 1n) }));
      await expect(events).rejects.toMatchObject({ type: 'unknown' });
    });

    it('shows metadata, soft-deleted events and tombstones in the log', async () => {
      const stream = newStream();
      const { position } = await append(stream, NO_STREAM);
      await client.setStreamMetadata(stream, { maxAge: 86_400 }, { credentials });
      await client.deleteStream(stream);
      const { position: last } = await client.tombstoneStream(stream);
      const log = (await logFrom(position, stream)).map(({ event }) => event);
      expect(log.map((event) => event?.type)).toEqual([
        'SomethingHappened',
        '$metadata',
        '$metadata',
        '$streamDeleted',
      ]);
      expect(log[1]).toMatchObject({ streamId: `$$${stream}`, data: { $maxAge: 86_400 }, isJson: true });
      expect(log[3]).toMatchObject({ streamId: stream, revision: 2n ** 63n - 1n, position: last, metadata: undefined });
      expect(Buffer.from(log[3]?.data as Uint8Array)).toHaveLength(0);
    });

    it('reads back the metadata of a stream', async () => {
      const stream = newStream();
      expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream });
      await client.setStreamMetadata(stream, { maxAge: 60 }, { credentials });
      expect(await client.getStreamMetadata(stream)).toMatchObject({ metadata: { maxAge: 60 } });
    });

    it('keeps, in a scavenge, the last event of a soft-deleted stream and the tombstone of a tombstoned one', async () => {
      const [soft, hard] = [newStream(), newStream()];
      const { position } = await append(soft, NO_STREAM);
      await append(soft, 0n, [anEvent(), anEvent()]);
      await append(hard, NO_STREAM, [anEvent(), anEvent()]);
      await client.deleteStream(soft);
      await client.tombstoneStream(hard);
      await server.scavenge();
      const left = async (stream: string) =>
        (await logFrom(position, stream)).map(({ event }) => `${event?.type}@${event?.revision}`);
      expect(await left(soft)).toEqual(['SomethingHappened@2', '$metadata@0']);
      expect(await left(hard)).toEqual([`$streamDeleted@${2n ** 63n - 1n}`]);
    });
  });

  describe('subscribing to $all', () => {
    it('confirms, delivers what is stored, says once that it caught up, and goes on live', async () => {
      const stream = newStream();
      const { position } = await append(newStream(), NO_STREAM);
      await append(stream, NO_STREAM, [anEvent(), anEvent()]);
      const subscription = new ObservedSubscription(client, at(position));
      await subscription.saw('caughtUp');
      await append(stream, 1n);
      await append(stream, 2n);
      await subscription.saw(`${stream}@3`);
      const stored = ['confirmation', `${stream}@0`, `${stream}@1`];
      expect(subscription.of(stream)).toEqual([...stored, 'caughtUp', `${stream}@2`, `${stream}@3`]);
      await subscription.end();
    });

    it('excludes the event at the start position', async () => {
      const stream = newStream();
      const { position } = await append(stream, NO_STREAM);
      await append(stream, 0n);
      const subscription = new ObservedSubscription(client, at(position));
      await subscription.saw('caughtUp');
      expect(subscription.of(stream)).toEqual(['confirmation', `${stream}@1`, 'caughtUp']);
      await subscription.end();
    });

    it('begins at the very start, system events included, or with what comes next', async () => {
      const stream = newStream();
      await append(stream, NO_STREAM);
      const [all, next] = [new ObservedSubscription(client, START), new ObservedSubscription(client, END)];
      await Promise.all([all.saw('caughtUp'), next.saw('caughtUp')]);
      await append(stream, 0n);
      await Promise.all([all.saw(`${stream}@1`), next.saw(`${stream}@1`)]);
      expect(next.of(stream)).toEqual(['confirmation', 'caughtUp', `${stream}@1`]);
      expect(all.seen.some((mark) => mark.startsWith('$'))).toBe(true);
      expect(all.seen).toContain(`${stream}@0`);
      await Promise.all([all.end(), next.end()]);
    });

    it('moves to the head of the log with every kind of write', async () => {
      const stream = newStream();
      const subscription = new ObservedSubscription(client, END);
      await subscription.saw('caughtUp');
      await append(stream, NO_STREAM);
      await client.setStreamMetadata(stream, { maxAge: 86_400 }, { credentials });
      await client.deleteStream(stream);
      await append(stream, NO_STREAM);
      await client.tombstoneStream(stream);
      await subscription.saw(`${stream}@${2n ** 63n - 1n}`);
      await until('it is at the head', async () => subscription.positions.at(-1) === (await head(client)));
      await subscription.end();
    });

    it('loses an event when the one at the start position was scavenged away', async () => {
      const gone = newStream();
      const { position } = await append(gone, NO_STREAM);
      await append(newStream(), NO_STREAM);
      await append(newStream(), NO_STREAM);
      await client.tombstoneStream(gone);
      await server.scavenge();
      const left = await read(client.readAll({ fromPosition: at(position), maxCount: 2 }));
      const [lost, delivered] = left.map(({ event }) => event?.position?.commit);
      const subscription = new ObservedSubscription(client, at(position));
      await subscription.saw('caughtUp');
      expect(lost).toBeGreaterThan(position);
      expect(subscription.positions[0]).toBe(delivered);
      await subscription.end();
    });

    it('fails at a start position that is not an event’s, and says nothing more', async () => {
      const stream = newStream();
      const { position } = await append(stream, NO_STREAM);
      const subscription = new ObservedSubscription(client, at(position - 1n));
      await subscription.saw('unknown');
      await append(stream, 0n);
      expect(subscription.seen).toEqual(['unknown']);
    });

    it('accepts a start position beyond the end, and then delivers events with lower positions', async () => {
      const stream = newStream();
      const beyond = (await head(client)) + 1_000_000n;
      const subscription = new ObservedSubscription(client, at(beyond));
      await subscription.saw('caughtUp');
      await append(stream, NO_STREAM);
      await subscription.saw(`${stream}@0`);
      expect(subscription.positions.at(-1)).toBeLessThan(beyond);
      await subscription.end();
    });

    it('ends without an error when the client unsubscribes', async () => {
      const stream = newStream();
      const subscription = new ObservedSubscription(client, END);
      await subscription.saw('caughtUp');
      await subscription.end();
      await append(stream, NO_STREAM, [anEvent()]);
      await revisions(stream);
      expect(subscription.of(stream)).toEqual(['confirmation', 'caughtUp', 'end', 'close']);
    });
  });
});
