import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { uuidV4 } from '#libs/crypto';
import {
  type EncodedEvent,
  type EventHandler,
  type EventStore,
  MemoryEventStore,
  type Position,
  type StoredEvent,
  UnavailableError,
} from '#libs/event-store';
import { until } from '#libs/harness';
import { alwaysMine } from './always-mine.js';
import { maxRecordBytes } from './limits.js';
import { type Fault, MemoryLog } from './memory-log.js';
import { type LogRecord, type MapEvent, RelayRefusedError } from './port.js';
import { Relay, type RelayOptions } from './relay.js';

describe('Relay', () => {
  let store = new MemoryEventStore();
  let log = new MemoryLog();
  const relays: Relay[] = [];
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
    await store.close();
    store = new MemoryEventStore();
    log = new MemoryLog();
  });

  it('publishes what is stored, then what is appended, and says how far it is', async () => {
    await append('client-a', 3);
    const relay = start();
    await published(3);
    await append('client-b', 2);
    await published(5);
    await until('its state', async () => relay.status().position === log.positions.at(-1)?.position);
    expect(relay.status()).toMatchObject({ state: 'publishing', published: { 'client.v1': 5 }, error: undefined });
    expect(await relay.lag()).toMatchObject({ events: 0, seconds: 0 });
  });

  it('goes on behind the last position after a restart, and says how far it is behind until then', async () => {
    await append('client-a', 3);
    const first = start();
    await published(3);
    await first.close();
    expect(first.status().state).toBe('closed');
    await append('client-a', 4);
    expect(await first.lag()).toMatchObject({ events: 4, seconds: 60 });
    start();
    await published(7);
  });

  it('publishes each event once and in order whatever the outcome of openings and publications', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'refused', 'lost', 'dropped'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(faults, async (planned) => {
        log = new MemoryLog();
        const left = [...planned];
        log.fault = () => left.shift() ?? 'none';
        await append('client-a', 5);
        const relay = start();
        await append('client-a', 5);
        await until('all is published', async () => log.positions.at(-1)?.position === (await store.head()));
        await relay.close();
        expect(log.records.map(({ value }) => value)).toEqual(
          (await store.readAll(undefined, 1_000)).map(({ id }) => id),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('keeps to that while two run at once and nobody says whose turn it is', async () => {
    start();
    start();
    for (let times = 0; times < 20; times += 1) await append('client-a', 3);
    await published(60);
    expect(log.opened).toBeGreaterThan(1);
  });

  it('stops in front of an event that cannot be mapped, with all before it published, and names it', async () => {
    const bad = await append('client-a', 4).then((events) => events[2]!);
    const map: MapEvent = async (event) => {
      if (event.id === bad.id) throw new Error('no such shape');
      return record(event);
    };
    const relay = create({ map });
    await expect(relay.run()).rejects.toThrow(
      `event Happened ${bad.id} at position 3 cannot be published: Error: no such`,
    );
    expect(log.records.map(({ value }) => value)).toEqual((await store.readAll(undefined, 2)).map(({ id }) => id));
    expect(relay.status()).toMatchObject({ state: 'stopped', position: 2 });
    expect(relay.status().error?.message).toContain('position 3');
  });

  it('records where it stopped although nothing before it is published', async () => {
    await append('client-a', 3);
    const map: MapEvent = async ({ revision }) => {
      if (revision === 2) throw new Error('no');
      return undefined;
    };
    await expect(create({ map }).run()).rejects.toBeInstanceOf(RelayRefusedError);
    expect(log.positions.map(({ position }) => position)).toEqual([2]);
  });

  it('stops in front of an event whose record is too large', async () => {
    await append('client-a', 1);
    const map: MapEvent = async (event) => ({ ...record(event), value: 'x'.repeat(maxRecordBytes) });
    await expect(create({ map }).run()).rejects.toThrow('bytes');
  });

  it('waits while the mapping cannot ask the store', async () => {
    await append('client-a', 3);
    let refusals = 2;
    start({
      map: async (event) => {
        if (refusals > 0) {
          refusals -= 1;
          throw new UnavailableError('not now');
        }
        return record(event);
      },
    });
    await published(3);
  });

  it('cuts batches below the limit of a transaction', async () => {
    await append('client-a', 5);
    const map: MapEvent = async (event) => ({ ...record(event), value: 'x'.repeat(400_000) });
    start({ map });
    await until('all five', async () => log.records.length === 5);
    expect(log.positions.map(({ position }) => position)).toEqual([2, 4, 5]);
  });

  it('records positions of events that are not published no more than once a second', async () => {
    const relay = start({ map: async () => undefined });
    await until('it follows', async () => relay.status().state === 'publishing');
    const begun = performance.now();
    for (let times = 0; times < 30; times += 1) {
      await append('client-a', 1);
      await pause(50);
    }
    await until('the last', async () => log.positions.at(-1)?.position === (await store.head()));
    expect(log.positions.length).toBeLessThanOrEqual((performance.now() - begun) / 1_000 + 1);
    expect(log.records).toEqual([]);
  });

  it('begins at the end of the log when told so, and stays there after a restart', async () => {
    await append('client-a', 3);
    const first = start({ startAt: 'now' });
    await until('it follows', async () => first.status().state === 'publishing');
    await first.close();
    await append('client-a', 2);
    start({ startAt: 'now' });
    await until('both', async () => log.records.length === 2);
  });

  it.each([
    ['another log', { logId: 'other' }, 'hold the events of log other'],
    ['a log that is shorter', { position: 9 }, 'the log ends at 3'],
    ['a log with another event there', { eventId: 'x' }, 'event x was published at position 2'],
  ])('refuses %s', async (_what, change, message) => {
    await append('client-a', 3);
    log.positions.push({ ...{ position: 2, eventId: '', previous: 1, logId: 'log' }, ...change } as never);
    await expect(create().run()).rejects.toThrow(message);
    expect(log.records).toEqual([]);
  });

  it('takes a position whose event was deleted with its stream', async () => {
    await append('client-a', 1);
    await append('client-b', 1);
    const first = start();
    await published(2);
    await first.close();
    await store.deleteStream('client-b', { expectedRevision: 0 });
    await append('client-a', 1);
    start();
    await until('the new one', async () => log.records.length === 3);
  });

  it('remembers nothing at an opening, nor when a person was erased', async () => {
    await append('client-a', 1);
    let made = 0;
    const mapping = (): MapEvent => {
      made += 1;
      return mapped;
    };
    const first = start({ mapping });
    await published(1);
    await append('subjectkey-a', 1);
    await store.deleteStream('subjectkey-a', { expectedRevision: 0 });
    await until('it is seen', async () => made === 2);
    await append('client-b', 1);
    await store.deleteStream('client-b', { expectedRevision: 0 });
    const [last] = await append('client-a', 1);
    await until('the last one', async () => log.records.at(-1)?.value === last!.id);
    expect(made).toBe(2);
    await first.close();
    start({ mapping });
    await until('the next opening', async () => made === 3);
  });

  it('stands by while it is not its turn, and takes over when it is', async () => {
    await append('client-a', 1);
    let wake: () => void = () => undefined;
    const turns = {
      mine: false,
      wait: () => new Promise<void>((resolve) => (wake = resolve)),
      close: async () => wake(),
    };
    const relay = start({ turns });
    await pause(20);
    expect(relay.status().state).toBe('standing by');
    expect(await relay.lag()).toBeUndefined();
    expect(log.opened).toBe(0);
    turns.mine = true;
    wake();
    await published(1);
    turns.mine = false;
    await until('it stands by again', async () => relay.status().state === 'standing by');
    wake();
  });

  it('hands back to the log what it has no room for', async () => {
    let publish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (publish = resolve));
    let handled = 0;
    const counted: EventStore = Object.create(store, {
      subscribe: {
        value: (after: Position | undefined, handler: EventHandler) =>
          store.subscribe(after, async (events) => {
            await handler(events);
            handled += events.length;
          }),
      },
    });
    for (let times = 0; times < 20; times += 1) await append(`client-${times}`, 1_000);
    start({ store: counted, map: (event) => held.then(() => record(event)) });
    await pause(200);
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThan(6_000);
    publish();
    await published(20_000);
  });

  it('maps ahead while a batch is published, but not more than the next one takes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const publisher = log.publisher();
    let mappedSoFar = 0;
    await append('client-a', 6);
    start({
      map: async (event) => {
        mappedSoFar += 1;
        return { ...record(event), value: 'x'.repeat(400_000) };
      },
      publisher: {
        ...publisher,
        publish: async (records, position) => {
          await promise;
          await publisher.publish(records, position);
        },
      },
    });
    await until('it maps ahead', async () => mappedSoFar === 5); // two under way, three of which two fit into the next
    await pause(50);
    expect(mappedSoFar).toBe(5);
    resolve();
    await until('all six', async () => log.records.length === 6);
    expect(log.positions.map(({ position }) => position)).toEqual([2, 4, 6]);
  });

  it('publishes what it mapped ahead of an event that is refused', async () => {
    const ids = (await append('client-a', 2_500)).map(({ id }) => id);
    const map: MapEvent = async (event) => {
      if (event.id === ids[1_700]) throw new Error('cannot be read');
      return record(event);
    };
    await expect(create({ map }).run()).rejects.toThrow(`${ids[1_700]} at position 1701`);
    expect(log.records.map(({ value }) => value)).toEqual(ids.slice(0, 1_700));
  });

  function create({ map = mapped, ...options }: Partial<RelayOptions> & { map?: MapEvent } = {}): Relay {
    const relay = new Relay({
      ...{
        store,
        logId: 'log',
        mapping: () => map,
        publisher: log.publisher(),
        turns: alwaysMine,
        startAt: 'beginning',
      },
      clock: () => new Date('2026-01-01T00:01:00Z'),
      ...{ notice: () => undefined, firstPauseMs: 1 },
      ...options,
    });
    relays.push(relay);
    return relay;
  }

  function start(options: Parameters<typeof create>[0] = {}): Relay {
    const relay = create(options);
    relay.run().catch(() => undefined);
    return relay;
  }

  async function append(stream: string, count: number): Promise<EncodedEvent[]> {
    const expectedRevision = (await store.readStream(stream)).length - 1;
    const events = Array.from({ length: count }, () => ({
      ...{ id: uuidV4(), type: 'Happened', data: '{}' },
      metadata: JSON.stringify({ recordedAt: '2026-01-01T00:00:00Z' }),
    }));
    await store.append(stream, events, { expectedRevision });
    return events;
  }

  /** Everything in the log so far, once and in order. */
  async function published(count: number): Promise<void> {
    await until(`${count} records`, async () => log.records.length >= count);
    expect(log.records.map(({ value }) => value)).toEqual((await store.readAll(undefined, count)).map(({ id }) => id));
  }
});

async function mapped(event: StoredEvent): Promise<LogRecord> {
  return record(event);
}

function record({ id, stream }: StoredEvent): LogRecord {
  return { topic: 'client.v1', key: stream, value: id, headers: {}, timestamp: 0 };
}
