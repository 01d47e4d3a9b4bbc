import { uuidV7 } from '#libs/crypto';
import { noRevision } from '#libs/domain';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventCodec } from './codec/codec.js';
import { type PersonalDataKeys } from './codec/personal-data.js';
import { anEvent, newStreamName } from './contract/sample-events.js';
import { EventLog } from './event-log.js';
import { MemoryEventStore } from './memory/memory-event-store.js';
import { settleAppend } from './settle-append.js';

describe('settleAppend', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('has no time below zero left when its deadline has passed', async () => {
    const waits = jest.spyOn(globalThis, 'setTimeout');
    const codec = new EventCodec({}, {}, {} as PersonalDataKeys);
    const log = new EventLog({ store: new MemoryEventStore(), codec, clock: () => new Date(), newId: uuidV7 });
    const append = { stream: newStreamName(), events: [anEvent()], expectedRevision: noRevision };
    const patience = { deadline: performance.now() - 1_000, giveUp: () => undefined };
    expect(await settleAppend(log, append, patience)).toMatchObject({ revision: 0 });
    expect(waits.mock.calls.map(([, ms]) => ms)).toEqual([0]);
  });
});
