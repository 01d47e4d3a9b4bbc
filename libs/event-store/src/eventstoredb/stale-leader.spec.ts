import { deepStrictEqual } from 'node:assert/strict';
import { noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { TcpRelay, until } from '#libs/harness';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { UnavailableError } from '../errors.js';
import { type EventStore, type Position, type StoredEvent } from '../port.js';
import { type EventStoreDbOptions } from './eventstoredb-event-store.js';
import { openEventStoreDb } from './open-eventstoredb.js';

const staleMs = 1_500;

describe('a node that knows less than this instance', () => {
  let leader: EventStoreDbDouble;
  let stale: EventStoreDbDouble;
  let relay: TcpRelay;
  let store: EventStore;
  let opened: EventStore[];
  let errors: string[];
  let warnings: string[];
  beforeEach(async () => {
    [leader, stale, relay] = await Promise.all([
      startEventStoreDbDouble(),
      startEventStoreDbDouble(),
      TcpRelay.listen(),
    ]);
    opened = [];
    errors = [];
    warnings = [];
    relay.up(leader.port);
    store = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await relay.close();
    await Promise.all([leader.close(), stale.close()]);
  });

  async function open(options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> {
    const notice = (text: string, level: 'warn' | 'error') => (level === 'error' ? errors : warnings).push(text);
    const another = await openEventStoreDb({ url: `esdb://127.0.0.1:${relay.port}?tls=false`, notice, ...options });
    opened.push(another);
    return another;
  }

  /** As when a reconnecting instance finds a leader that was, and a while later the one that is. */
  function leadTo(double: EventStoreDbDouble): void {
    relay.up(double.port);
    relay.cut();
  }

  const append = (stream = newStreamName(), event = anEvent()) =>
    store.append(stream, [event], { expectedRevision: noRevision });

  const isServed = (call: () => unknown): Promise<boolean> =>
    Promise.resolve()
      .then(call)
      .then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(UnavailableError);
          return false;
        },
      );

  it('answers nothing, and all is well when another one does', async () => {
    const stream = newStreamName();
    const { position } = await append(stream);
    const seen: StoredEvent[] = [];
    let failed = false;
    store.subscribe(undefined, (events) => void seen.push(...events)).failed.catch(() => (failed = true));
    await until('the subscription follows', async () => seen.at(-1)?.position === position);
    leadTo(stale);
    const end = performance.now() + staleMs;
    while (performance.now() < end) {
      expect(await isServed(() => store.head())).toBe(false);
      expect(await isServed(() => store.readStream(stream))).toBe(false);
      expect(await isServed(() => store.readAll(undefined, 10))).toBe(false);
    }
    leadTo(leader);
    await until('the log is served again', () => isServed(() => store.head()));
    expect(await store.readStream(stream)).toHaveLength(1);
    const { position: last } = await appendSurely();
    await until('the subscription goes on', async () => seen.at(-1)?.position === last);
    deepStrictEqual(seen, await store.readAll(undefined, 100));
    expect(failed).toBe(false);
    expect(errors).toEqual([
      expect.stringMatching(/^a node of the event store ends at position \d+, this instance has/),
    ]);
  });

  it('never shows a stream without what was acknowledged, nor a head below it', async () => {
    const acknowledged = new Map<string, Position>();
    let running = true;
    const write = async (): Promise<void> => {
      while (running) {
        const stream = newStreamName();
        const { position } = await appendSurely(stream);
        acknowledged.set(stream, position);
      }
    };
    const problems: string[] = [];
    const read = async (): Promise<void> => {
      while (running) {
        const [stream, position] = [...acknowledged].at(-1) ?? [newStreamName(), 0];
        const events = await store.readStream(stream).catch(() => undefined);
        if (events?.length === 0 && position > 0) problems.push(`${stream} is not there`);
        const head = await Promise.resolve(store.head()).catch(() => undefined);
        if (head !== undefined && head < position) problems.push(`the head is ${head}, ${position} was acknowledged`);
      }
    };
    const load = [write(), write(), read(), read()];
    try {
      await until('it is under way', async () => acknowledged.size > 20);
      for (let round = 0; round < 3; round += 1) {
        const before = acknowledged.size;
        leadTo(stale);
        await until('the node was found out', async () => !(await isServed(() => store.head())));
        leadTo(leader);
        await until('it goes on', async () => acknowledged.size > before + 20, 20_000);
      }
    } finally {
      running = false;
      await Promise.all(load);
    }
    expect(problems).toEqual([]);
    for (const stream of acknowledged.keys()) expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('takes no writes', async () => {
    await append();
    leadTo(stale);
    const [stream, event] = [newStreamName(), anEvent()];
    const end = performance.now() + staleMs / 3;
    while (performance.now() < end) await expect(append(stream, event)).rejects.toThrow(/./);
    leadTo(leader);
    await appendSurely(stream, event);
    expect(await store.readStream(stream)).toHaveLength(1);
    const other = await openEventStoreDb({ url: stale.url });
    opened.push(other);
    expect(await other.readStream(stream)).toEqual([]);
  });

  it('has a log in which our position is none', async () => {
    await append();
    const seen: StoredEvent[] = [];
    const position = (await store.head())!;
    let failed = false;
    leader.faults.refuseStartPositions(true);
    store.subscribe(position, (events) => void seen.push(...events)).failed.catch(() => (failed = true));
    await until('it is told', async () => errors.some((text) => text.includes(`has no position ${position}`)));
    leader.faults.refuseStartPositions(false);
    const { position: last } = await appendSurely();
    await until('the subscription goes on', async () => seen.at(-1)?.position === last);
    expect(failed).toBe(false);
  });

  it('is waited out at a start', async () => {
    const { position } = await append();
    leadTo(stale);
    const starting = await open({ openTimeoutMs: 10_000 });
    const reached = starting.reaches(position);
    await isServed(() => store.head());
    leadTo(leader);
    expect(await reached).toBe(true);
  });

  it('makes a start give up when there is no other one', async () => {
    const { position } = await append();
    leadTo(stale);
    const starting = await open({ openTimeoutMs: 500 });
    const begun = performance.now();
    expect(await starting.reaches(position)).toBe(false);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(500);
  });

  it('is told of once, however often it is asked', async () => {
    await append();
    store.subscribe(undefined, () => undefined);
    relay.down();
    const end = performance.now() + staleMs;
    await until(
      'many attempts were made',
      async () => performance.now() > end && !(await isServed(() => store.head())),
    );
    expect(warnings.filter((text) => text.startsWith('resuming the log'))).toHaveLength(1);
    relay.up(leader.port);
  });

  /** Sends the same append until it succeeds, as a command does. */
  async function appendSurely(stream = newStreamName(), event = anEvent()): Promise<{ position: Position }> {
    let appended: { position: Position } | undefined;
    await until('an append succeeds', async () => {
      appended = await append(stream, event).catch(() => undefined);
      return appended !== undefined;
    });
    return appended!;
  }
});
