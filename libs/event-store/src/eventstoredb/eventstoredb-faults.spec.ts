import { deepStrictEqual } from 'node:assert/strict';
import { uuidV7 } from '#libs/crypto';
import { type Decider, noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventCodec } from '../codec/codec.js';
import { type PersonalDataKeys } from '../codec/personal-data.js';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { decideAndAppend } from '../decide-and-append.js';
import { OutcomeUnknownError, StoreRefusedError, UnavailableError } from '../errors.js';
import { EventLog, loadState } from '../event-log.js';
import { type EventStore, type Position, type StoredEvent } from '../port.js';
import { type EventStoreDbOptions } from './eventstoredb-event-store.js';
import { openEventStoreDb } from './open-eventstoredb.js';

const watchdogMs = 200;
/** For tests that wait for a time to run out. */
const impatient = { appendTimeoutMs: 300, silenceMs: 300, openTimeoutMs: 300, watchdogMs };

describe('EventStoreDB that fails', () => {
  let double: EventStoreDbDouble;
  let opened: EventStore[];
  let store: EventStore;
  let notices: string[];
  beforeEach(async () => {
    double = await startEventStoreDbDouble();
    opened = [];
    notices = [];
    store = await open({ watchdogMs });
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await double.close();
  });

  async function open(options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> {
    const another = await openEventStoreDb({ url: double.url, notice: (text) => notices.push(text), ...options });
    opened.push(another);
    return another;
  }

  const append = (stream = newStreamName(), event = anEvent()) =>
    store.append(stream, [event], { expectedRevision: noRevision });

  /** Sends the same append until it succeeds, as a command does. */
  async function appendSurely(stream = newStreamName()): Promise<void> {
    const event = anEvent();
    const succeeds = () => append(stream, event).then(() => true, isWorthRetrying);
    await until('an append succeeds', succeeds, 25_000);
  }

  function follow(after?: Position) {
    const seen: StoredEvent[] = [];
    const subscription = store.subscribe(after, (events) => void seen.push(...events));
    const isAtHead = async () => {
      try {
        return seen.at(-1)?.position === (await store.head());
      } catch (error) {
        if (error instanceof UnavailableError) return false; // of the last connection that was cut
        throw error;
      }
    };
    const untilHead = () => until('the subscription is at the head', isAtHead);
    return { seen, subscription, untilHead };
  }

  async function expectWholeLog(seen: readonly StoredEvent[]): Promise<void> {
    deepStrictEqual(seen, await store.readAll(undefined, 100_000));
  }

  describe('a subscription', () => {
    it('resumes without gap or repetition when it is dropped, again and again', async () => {
      const { seen, untilHead } = follow();
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(Array.from({ length: 50 }, () => append()));
        double.faults.dropSubscriptions('consumer-too-slow');
        await append();
      }
      await untilHead();
      await expectWholeLog(seen);
    });

    it('resumes when connections are cut, and when the server is away for a while', async () => {
      const { seen, untilHead } = follow();
      for (let round = 0; round < 3; round += 1) {
        await append();
        double.faults.cutConnections();
        await appendSurely();
        double.down();
        double.up();
        await appendSurely();
      }
      await untilHead();
      await expectWholeLog(seen);
    });

    it('is made anew when it has fallen silent', async () => {
      const { seen, untilHead } = follow();
      await append();
      await untilHead();
      double.faults.goSilent(true);
      await append();
      await untilHead();
      double.faults.goSilent(false);
      await append();
      await untilHead();
      await expectWholeLog(seen);
      expect(notices.some((text) => text.startsWith('nothing came after position'))).toBe(true);
    });

    it('is left alone while nothing happens, and while its handler is busy', async () => {
      let release = () => {};
      const busy = new Promise<void>((resolve) => (release = resolve));
      let calls = 0;
      store.subscribe(await store.head(), () => {
        calls += 1;
        return busy;
      });
      const { untilHead } = follow();
      await append();
      await append();
      await untilHead();
      notices.length = 0; // an event under way at both looks is taken for lost, which costs a reconnection
      const looks = performance.now() + 5 * watchdogMs;
      await until('the watchdog has looked', async () => performance.now() > looks);
      expect(calls).toBe(1);
      expect(notices).toEqual([]);
      release();
    });

    it('goes on after the server was frozen', async () => {
      store = await open(impatient);
      const { seen, untilHead } = follow();
      await append();
      double.faults.freeze(true);
      await until('a read is given up', () =>
        Promise.resolve(store.head()).then(
          () => false,
          () => true,
        ),
      );
      double.faults.freeze(false);
      await appendSurely();
      await untilHead();
      await expectWholeLog(seen);
    });

    it('misses nothing where the event at its position was scavenged away', async () => {
      const gone = newStreamName();
      const { position } = await store.append(gone, [anEvent(), anEvent()], { expectedRevision: noRevision });
      const [first] = await store.readStream(gone);
      await append();
      await store.deleteStream(gone, { expectedRevision: 1 });
      await append();
      double.scavenge();
      for (const after of [first?.position, position]) {
        const { seen, subscription, untilHead } = follow(after);
        await untilHead();
        deepStrictEqual(seen, await store.readAll(after, 1_000));
        expect(seen.filter(({ stream }) => stream !== '')).toHaveLength(3);
        await subscription.close();
      }
    });

    it('ends at close although the server does not answer', async () => {
      store = await open(impatient);
      const { subscription } = follow();
      double.faults.freeze(true);
      await subscription.close();
      await store.close();
      double.faults.freeze(false);
    });
  });

  describe('a write', () => {
    it('has an unknown outcome when no answer comes, and can be repeated', async () => {
      store = await open(impatient);
      const [stream, event] = [newStreamName(), anEvent()];
      double.faults.loseNextAnswers(1);
      await expect(append(stream, event)).rejects.toThrow(OutcomeUnknownError);
      expect(await append(stream, event)).toMatchObject({ revision: 0 });
      expect(await store.readStream(stream)).toHaveLength(1);
    });

    it('has an unknown outcome when the connection ends, also a deletion', async () => {
      const stream = newStreamName();
      double.faults.loseNextAnswers(1, 'cut');
      await expect(append(stream)).rejects.toThrow(OutcomeUnknownError);
      await appendSurely();
      double.faults.loseNextAnswers(1, 'cut');
      await expect(store.deleteStream(stream, { expectedRevision: 0 })).rejects.toThrow(OutcomeUnknownError);
    });

    it('to a frozen server ends in time, and so does a read', async () => {
      store = await open(impatient);
      double.faults.freeze(true);
      const begun = performance.now();
      await expect(append()).rejects.toThrow(OutcomeUnknownError);
      await expect(store.readStream(newStreamName())).rejects.toThrow(UnavailableError);
      await expect(store.head()).rejects.toThrow(UnavailableError);
      expect(performance.now() - begun).toBeLessThan(3_000);
      double.faults.freeze(false);
      await appendSurely();
    });

    it.each([
      ['is not ready', (on: boolean) => double.faults.notReady(on)],
      ['denies access', (on: boolean) => double.faults.denyAccess(on)],
      ['does not lead', (on: boolean) => double.faults.notLeader(on)],
    ])('was certainly not made when the server %s', async (_case, fail) => {
      fail(true);
      await expect(append()).rejects.toThrow(UnavailableError);
      await expect(store.head()).rejects.toThrow(UnavailableError);
      fail(false);
      await append();
    });

    it('was certainly not made when there is no server, and works when it is back', async () => {
      double.down();
      await until('the loss of the connection is known', () =>
        append().then(
          () => false,
          (error: unknown) => error instanceof UnavailableError,
        ),
      );
      double.up();
      await appendSurely();
    });

    it('survives any number of cut connections, each event once', async () => {
      const { seen, untilHead } = follow();
      const streams = Array.from({ length: 250 }, newStreamName);
      double.faults.loseEvery(90, 'cut');
      const writers = streams.map((stream) => appendSurely(stream));
      await Promise.all(writers);
      double.faults.loseEvery(0);
      await untilHead();
      const counts = streams.map((stream) => seen.filter((event) => event.stream === stream).length);
      expect(counts).toEqual(streams.map(() => 1));
    });
  });

  it('refuses to read on from a position that is not in the store', async () => {
    await append();
    const head = await store.head();
    double.faults.refuseStartPositions(true);
    await expect(store.readAll(head, 1)).rejects.toThrow(StoreRefusedError);
  });

  it('lets commands settle what became of their appends, without repetition', async () => {
    type Counted = { type: 'Counted'; data: Record<string, never> };
    const counter: Decider<object, number, Counted> = {
      streamOf: (id) => `counter-${id}`,
      initial: () => 0,
      evolve: (count) => count + 1,
      decide: () => [{ type: 'Counted', data: {} }],
    };
    const codec = new EventCodec({ Counted: { version: 1 } }, {}, {} as PersonalDataKeys);
    const log = new EventLog({ store, codec, clock: () => new Date(), newId: uuidV7, retryTimeoutMs: 20_000 });
    const by = { actor: 'admin', correlationId: 'request-1' };
    double.faults.loseEvery(3, 'cut');
    double.faults.loseNextAnswers(1);
    const ids = Array.from({ length: 30 }, (_, index) => String(index % 3));
    const committed = await Promise.all(
      ids.map((id) => decideAndAppend(log, { decider: counter, id, command: {}, by })),
    );
    double.faults.loseEvery(0);
    for (const id of ['0', '1', '2']) {
      expect((await loadState(log, counter, id)).state).toBe(10);
      expect(committed.filter((_, index) => ids[index] === id).map(({ state }) => state)).toEqual(
        Array.from({ length: 10 }, (_, index) => index + 1),
      );
    }
    log.close();
  });

  describe('opening', () => {
    it('waits for a server that is not ready yet', async () => {
      double.faults.notReady(true);
      const opening = open({ openTimeoutMs: 10_000 });
      await expect(store.head()).rejects.toThrow(UnavailableError);
      double.faults.notReady(false);
      await opening;
    });

    it('finds the leader among several nodes, and again after it was away', async () => {
      const node = `127.0.0.1:${double.port}`;
      store = await open({ ...impatient, url: `esdb://${node},${node}?tls=false` });
      const { seen, untilHead } = follow();
      await append();
      double.down();
      await expect(append()).rejects.toThrow(/outcome|confirm|serve/);
      double.up();
      await appendSurely();
      await untilHead();
      await expectWholeLog(seen);
    });

    it('gives up after a while, and names no password', async () => {
      double.down();
      const url = `esdb://admin:secret@127.0.0.1:${double.port}?tls=false`;
      const opening = open({ ...impatient, url });
      await expect(opening).rejects.toThrow(UnavailableError);
      await expect(opening).rejects.not.toThrow(/secret/);
      double.up();
    });

    it('is refused in one line when access is denied', async () => {
      double.faults.denyAccess(true);
      await expect(open()).rejects.toThrow(StoreRefusedError);
      await expect(open()).rejects.toThrow(/^EVENT_STORE: .*access denied.*$/);
    });
  });
});

/** @returns false */
function isWorthRetrying(error: unknown): boolean {
  if (error instanceof OutcomeUnknownError || error instanceof UnavailableError) return false;
  throw error;
}
