import { uuidV7 } from '#libs/crypto';
import { type Decider, DomainError, type DomainErrorCode, noRevision } from '#libs/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventCodec } from './codec/codec.js';
import { type EventMetadata } from './codec/event-metadata.js';
import { type PersonalDataKeys } from './codec/personal-data.js';
import { type AppendFault, FaultyEventStore } from './contract/faulty-event-store.js';
import { decideAndAppend } from './decide-and-append.js';
import {
  IdempotencyKeyReusedError,
  OutcomeUnknownError,
  PreconditionFailedError,
  StreamDeletedError,
  UnavailableError,
} from './errors.js';
import { EventLog, loadState } from './event-log.js';
import { MemoryEventStore } from './memory/memory-event-store.js';

type Added = { type: 'Added'; data: { amount: number } };
type Add = { amounts: number[]; upTo?: number };
/** An aggregate of this test's own, with a code of its own. */
const accountFull = 'account_full' as DomainErrorCode;

const account: Decider<Add, number, Added> = {
  streamOf: (id) => `account-${id}`,
  initial: () => 0,
  evolve: (total, { data }) => total + data.amount,
  decide: ({ amounts, upTo = Infinity }, total) => {
    if (total >= upTo) throw new DomainError(accountFull, `at ${total}`);
    return amounts.map((amount) => ({ type: 'Added', data: { amount } }));
  },
};
const by = { actor: 'admin', correlationId: 'request-1' };
const noKeys = {} as PersonalDataKeys;
const lost: AppendFault = () => Promise.reject(new OutcomeUnknownError('the request was lost'));
const answerLost: AppendFault = async (forward) => {
  await forward();
  throw new OutcomeUnknownError('the answer was lost');
};

/** A promise and the function that resolves it. */
function newGate(): { opened: Promise<void>; open: () => void } {
  const gate = { opened: Promise.resolve(), open: () => {} };
  gate.opened = new Promise((resolve) => (gate.open = resolve));
  return gate;
}

describe('decideAndAppend', () => {
  let memory: MemoryEventStore;
  let store: FaultyEventStore;
  let log: EventLog;
  /** A second process on the same store. */
  let elsewhere: EventLog;
  beforeEach(() => {
    memory = new MemoryEventStore();
    store = new FaultyEventStore(memory);
    log = logOn();
    elsewhere = logOn();
  });
  afterEach(async () => {
    log.close();
    await store.close();
  });

  function logOn(retryTimeoutMs = 5_000): EventLog {
    const codec = new EventCodec({ Added: { version: 1 } }, {}, noKeys);
    return new EventLog({ store, codec, clock: () => new Date('2026-01-01T00:00:00Z'), newId: uuidV7, retryTimeoutMs });
  }

  const add = (...amounts: number[]) => decideAndAppend(log, { decider: account, id: '1', command: { amounts }, by });
  const addElsewhere = (amount: number) =>
    decideAndAppend(elsewhere, { decider: account, id: '1', command: { amounts: [amount] }, by });
  const total = async () => (await loadState(logOn(), account, '1')).state;
  const metadataOf = async (stream: string) =>
    (await store.readStream(stream)).map(({ metadata }) => JSON.parse(metadata) as EventMetadata);

  it('appends what was decided and returns the state after it', async () => {
    expect(await add(1, 2)).toMatchObject({
      state: 3,
      revision: 1,
      events: [{ data: { amount: 1 } }, { data: { amount: 2 } }],
    });
    expect(await add(4)).toMatchObject({ state: 7, revision: 2 });
    expect(await total()).toBe(7);
  });

  it('appends nothing when nothing changes', async () => {
    await add(1);
    expect(await add()).toMatchObject({ events: [], state: 1, revision: 0, position: undefined });
    expect(store.attempts).toHaveLength(1);
  });

  it('records who did it, when, and as part of which command', async () => {
    const request = { ...by, reason: 'because', secret: 'not metadata' };
    const { commandId } = await decideAndAppend(log, {
      decider: account,
      id: '1',
      command: { amounts: [1, 2] },
      by: request,
    });
    expect(commandId).toMatch(/0000$/);
    const expected = { ...by, reason: 'because', commandId, schemaVersion: 1, recordedAt: '2026-01-01T00:00:00.000Z' };
    expect(await metadataOf('account-1')).toEqual([
      { ...expected, eventId: commandId },
      { ...expected, eventId: `${commandId.slice(0, -4)}0001` },
    ]);
  });

  it('lets the event index run over all streams of one command', async () => {
    const scope = log.newCommand();
    await decideAndAppend(log, { decider: account, id: '1', command: { amounts: [1, 1] }, by, scope });
    await decideAndAppend(log, { decider: account, id: '2', command: { amounts: [1] }, by, scope });
    expect((await metadataOf('account-2')).map(({ eventId }) => eventId)).toEqual([
      `${scope.commandId.slice(0, -4)}0002`,
    ]);
  });

  it('does not take ids that differ in their last 16 bits only', () => {
    let count = 0;
    const codec = new EventCodec({}, {}, noKeys);
    const newId = () => `018f0000-0000-7000-8000-00000000000${(count += 1)}`;
    const careless = new EventLog({ store, codec, clock: () => new Date(0), newId });
    careless.newCommand();
    expect(() => careless.newCommand()).toThrow(TypeError);
  });

  it('lets commands on one stream wait for each other, without a conflict', async () => {
    await Promise.all(Array.from({ length: 20 }, () => add(1)));
    expect(await total()).toBe(20);
    expect(store.attempts.map(({ expectedRevision }) => expectedRevision)).toEqual(
      Array.from({ length: 20 }, (_, index) => index - 1),
    );
  });

  it('refuses what is still waiting when the time is over', async () => {
    log = logOn(30);
    const gate = newGate();
    store.failNextAppends((forward) => gate.opened.then(forward));
    const first = add(1);
    await expect(add(2)).rejects.toThrow(UnavailableError);
    gate.open();
    expect(await first).toMatchObject({ state: 1 });
    expect(await add(4)).toMatchObject({ state: 5 });
  });

  describe('after a conflict', () => {
    it('decides again on what is there now', async () => {
      await add(1);
      await addElsewhere(10);
      expect(await add(100)).toMatchObject({ state: 111, revision: 2 });
    });

    it('keeps everything that many processes add', async () => {
      await Promise.all(
        Array.from({ length: 6 }, (_, index) => index).flatMap((process) => {
          const own = logOn();
          return [1, 2, 3].map((round) =>
            decideAndAppend(own, { decider: account, id: '1', command: { amounts: [process * 10 + round] }, by }),
          );
        }),
      );
      expect(await total()).toBe(486);
    });

    it('refuses by the state as it is now, not as it was remembered', async () => {
      await add(1);
      await addElsewhere(10);
      const full = decideAndAppend(log, { decider: account, id: '1', command: { amounts: [1], upTo: 5 }, by });
      await expect(full).rejects.toMatchObject({ code: 'account_full', message: 'at 11' });
      await addElsewhere(-10);
      expect(
        await decideAndAppend(log, { decider: account, id: '1', command: { amounts: [1], upTo: 5 }, by }),
      ).toMatchObject({ state: 2 });
    });

    it('gives up when the time is over', async () => {
      log = logOn(30);
      store.failNextAppends(
        ...Array.from({ length: 1_000 }, (): AppendFault => async (forward) => {
          const { stream, events, expectedRevision } = store.attempts.at(-1)!;
          const other = events.map((event) => ({ ...event, id: uuidV7(new Date()) }));
          await memory.append(stream, other, { expectedRevision });
          return forward();
        }),
      );
      await expect(add(1)).rejects.toThrow(UnavailableError);
    });
  });

  describe('with ifMatch', () => {
    const addIf = (expected: number) =>
      decideAndAppend(log, {
        decider: account,
        id: '1',
        command: { amounts: [100] },
        by,
        ifMatch: (state) => state === expected,
      });

    it('appends when it holds', async () => {
      await add(1);
      expect(await addIf(1)).toMatchObject({ state: 101 });
    });

    it('is refused at once when it does not', async () => {
      await add(1);
      await expect(addIf(2)).rejects.toThrow(PreconditionFailedError);
      expect(store.attempts).toHaveLength(1);
    });

    it('never overwrites what it did not see', async () => {
      await add(1);
      await addElsewhere(10);
      await expect(addIf(1)).rejects.toThrow(PreconditionFailedError);
      expect(await total()).toBe(11);
    });

    it('is asked about the state as it is now, not as it was remembered', async () => {
      await add(1);
      await addElsewhere(10);
      expect(await addIf(11)).toMatchObject({ state: 111 });
    });
  });

  describe('with an idempotency key', () => {
    const idempotency = { keyHash: 'key', bodyHash: 'body' };
    const once = (on: EventLog, amount: number) =>
      decideAndAppend(on, { decider: account, id: '1', command: { amounts: [amount, amount] }, by, idempotency });

    it('does a command once: its repeat gets the events of then and the state of now', async () => {
      const first = await once(log, 1);
      await add(100);
      expect(await once(elsewhere, 5)).toEqual({ ...first, state: 102, repeated: true });
      expect(await total()).toBe(102);
      const [one, two, other] = await metadataOf('account-1');
      expect([one, two]).toEqual([expect.objectContaining({ idempotency }), expect.objectContaining({ idempotency })]);
      expect(other).not.toHaveProperty('idempotency');
    });

    it('finds that another process was faster', async () => {
      await add(100);
      const faster: { commandId?: string } = {};
      store.failNextAppends(async (forward) => {
        Object.assign(faster, await once(elsewhere, 1));
        return forward();
      });
      expect(await once(log, 1)).toMatchObject({ repeated: true, commandId: faster.commandId, state: 102 });
      expect(await total()).toBe(102);
    });

    it('refuses another body', async () => {
      await once(log, 1);
      const other = { idempotency: { ...idempotency, bodyHash: 'another' } };
      await expect(
        decideAndAppend(log, { decider: account, id: '1', command: { amounts: [1] }, by, ...other }),
      ).rejects.toThrow(IdempotencyKeyReusedError);
      expect(await total()).toBe(2);
    });
  });

  it('makes a command anew when it gets another id', async () => {
    const ids: string[] = [];
    const command = (commandId: string): Add => {
      ids.push(commandId);
      return { amounts: [1] };
    };
    store.failNextAppends(async () => {
      await addElsewhere(10);
      throw new OutcomeUnknownError('the request was lost');
    });
    const { commandId } = await decideAndAppend(log, { decider: account, id: '1', command, by });
    expect(ids).toHaveLength(2);
    expect([new Set(ids).size, ids[1]]).toEqual([2, commandId]);
    expect((await metadataOf('account-1')).at(-1)?.commandId).toBe(commandId);
  });

  describe('when the outcome is unknown', () => {
    it('is done when the events are there, also when others came after them', async () => {
      await add(1);
      store.failNextAppends(async (forward) => {
        await forward();
        await addElsewhere(10);
        throw new OutcomeUnknownError('the answer was lost');
      });
      expect(await add(2)).toMatchObject({ state: 3, revision: 1 });
      expect(await total()).toBe(13);
      expect(await add(100)).toMatchObject({ state: 113 });
    });

    it('sends the identical events again when the stream has not moved', async () => {
      await add(1);
      store.failNextAppends(lost, lost, () => Promise.reject(new UnavailableError('away')), answerLost);
      expect(await add(2)).toMatchObject({ state: 3, revision: 1 });
      const [first, ...again] = store.attempts.slice(1);
      expect(again).toHaveLength(3);
      for (const attempt of again) expect(attempt).toEqual(first);
      expect(await total()).toBe(3);
    });

    it('decides again, under another command id, when the stream moved without them', async () => {
      await add(1);
      store.failNextAppends(async () => {
        await addElsewhere(10);
        throw new OutcomeUnknownError('the request was lost');
      });
      const { state, commandId } = await add(2);
      expect(state).toBe(13);
      expect(store.attempts[1]?.events[0]?.id).not.toBe(commandId);
      expect(store.attempts.at(-1)?.events[0]?.id).toBe(commandId);
    });

    it('answers in time and goes on, while the stream stays taken', async () => {
      log = logOn(40);
      const gate = newGate();
      store.failNextAppends(lost, (forward) => gate.opened.then(forward));
      await expect(add(1)).rejects.toThrow(OutcomeUnknownError);
      await expect(add(2)).rejects.toThrow(UnavailableError);
      const delivered = new Promise<void>((resolve) => {
        store.subscribe(undefined, () => resolve());
      });
      gate.open();
      await delivered;
      expect(await add(4)).toMatchObject({ state: 5, revision: 1 });
    });

    it('stops going on when the log is closed', async () => {
      store.failNextAppends(() => {
        log.close();
        return Promise.reject(new OutcomeUnknownError('the request was lost'));
      });
      await expect(add(1)).rejects.toThrow(OutcomeUnknownError);
      expect(store.attempts).toHaveLength(1);
    });
  });

  it('passes on that a stream was deleted', async () => {
    await add(1);
    await log.deleteStream('account-1', { expectedRevision: 0 });
    await expect(add(1)).rejects.toThrow(StreamDeletedError);
  });

  it('loads the state as the store has it, and the revision to append at', async () => {
    expect(await loadState(log, account, '1')).toMatchObject({ state: 0, revision: noRevision });
    await add(1);
    await addElsewhere(10);
    expect(await loadState(log, account, '1')).toMatchObject({ state: 11, revision: 1 });
  });

  it('lets others have their turn while it folds a long stream', async () => {
    const amounts = Array.from({ length: 2_000 }, () => 1);
    for (let times = 0; times < 5; times += 1) await add(...amounts);
    let turns = 0;
    let folded: { state: number } | undefined;
    const folding = loadState(logOn(), account, '1').then((found) => (folded = found));
    for (; folded === undefined; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    await folding;
    expect(folded.state).toBe(10_000);
    expect(turns).toBeGreaterThanOrEqual(10_000 / 500);
  });
});
