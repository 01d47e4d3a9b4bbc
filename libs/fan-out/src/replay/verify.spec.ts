import { beforeEach, describe, expect, it } from '@jest/globals';
import { uuidV4 } from '#libs/crypto';
import { MemoryEventStore, type Position, type StoredEvent } from '#libs/event-store';
import { type LogRecord, type PublishedRecord } from '../relay/port.js';
import { fits, type Verification, verify } from './verify.js';

let store: MemoryEventStore;
let published: PublishedRecord[];

/** Eight events of two streams, whose records go to a partition each. */
beforeEach(async () => {
  store = new MemoryEventStore();
  for (let revision = -1; revision < 3; revision += 1) {
    for (const stream of ['client-a', 'client-b']) {
      const event = { id: uuidV4(), type: 'Happened', data: '{}', metadata: '{}' };
      await store.append(stream, [event], { expectedRevision: revision });
    }
  }
  published = (await store.readAll(undefined, 100)).map((event, offset) => ({
    ...record(event),
    ...{ topic: 't', partition: partition(event.stream), offset },
  }));
});

describe('a topic that is held against the log', () => {
  it('fits when every record is there, once and in order', async () => {
    const result = await verified(published);
    expect(fits(result)).toBe(true);
    expect(result).toMatchObject({ checked: 8, erased: 0, expired: 0, findings: [] });
  });

  it('misses what is not there: in the middle, at the beginning and at the end', async () => {
    for (const at of [0, 3, 7]) {
      const { findings, counts } = await verified(published.toSpliced(at, 1));
      expect(findings).toMatchObject([{ kind: 'missing', sequence: at + 1 }]);
      expect(counts).toMatchObject({ missing: 1, repeated: 0, 'out of order': 0, unexpected: 0 });
    }
  });

  it('has a repeat, close behind or far', async () => {
    for (const at of [1, 2, 5, 8]) {
      const { findings } = await verified(published.toSpliced(at, 0, published[0]!));
      expect(findings).toMatchObject([{ kind: 'repeated', sequence: 1, partition: 0 }]);
    }
  });

  it('has two that changed places', async () => {
    const swapped = published.with(2, published[4]!).with(4, published[2]!); // of one partition
    const { findings, counts } = await verified(swapped);
    expect(findings).toMatchObject([{ kind: 'out of order', sequence: 3, partition: 0 }]);
    expect(counts.missing).toBe(0);
  });

  it('has a record with another content, and one that the log knows nothing of', async () => {
    const changed = published.with(3, { ...published[3]!, value: '{"other":true}' });
    expect((await verified(changed)).findings).toMatchObject([{ kind: 'different', sequence: 4 }]);
    const foreign = { ...published[2]!, headers: {} };
    expect((await verified(published.toSpliced(3, 0, foreign))).findings).toMatchObject([{ kind: 'unexpected' }]);
  });

  it('has a record in the partition of another key', async () => {
    const { findings } = await verified(published.with(2, { ...published[2]!, partition: 1 }));
    expect(findings.map(({ kind }) => kind).sort()).toEqual(['missing', 'unexpected']);
  });

  it('may say more than the log does now, of the erased', async () => {
    const erased = (event: StoredEvent): LogRecord =>
      event.position === 3 ? { ...record(event), value: '{"unavailable":"erased"}' } : record(event);
    const result = await verified(published, { expected: erased });
    expect(result).toMatchObject({ checked: 8, erased: 1, findings: [] });
  });

  it('may have what the log has no more, of streams that were deleted', async () => {
    await store.deleteStream('client-b', { expectedRevision: 3 });
    const left = await verified(published, { wasDeleted: async () => true });
    expect(left).toMatchObject({ checked: 8, expired: 4, findings: [] });
    expect((await verified(published)).counts.unexpected).toBe(4);
  });

  it('may have under another key what expired since', async () => {
    const expired = (event: StoredEvent): LogRecord =>
      event.position === 3 ? { ...record(event), key: 'client-b', value: '{"unavailable":"expired"}' } : record(event);
    expect(await verified(published, { expected: expired })).toMatchObject({ checked: 8, expired: 1, findings: [] });
    const without = await verified(published.toSpliced(2, 1), { expected: expired });
    expect(without.findings).toMatchObject([{ kind: 'missing', sequence: 3 }]);
  });

  it('need not have what was deleted by its retention', async () => {
    const rest = published.slice(4);
    expect((await verified(rest, { cut: true })).findings).toEqual([]);
    expect((await verified(rest)).counts.missing).toBe(4);
  });

  it('is not asked for what was published since', async () => {
    expect((await verified(published, { until: 5 as Position })).checked).toBe(5);
    expect((await verified(published.slice(0, 5), { until: 5 as Position })).findings).toEqual([]);
  });
});

type Given = {
  expected?: (event: StoredEvent) => LogRecord;
  wasDeleted?: () => Promise<boolean>;
  cut?: boolean;
  until?: Position;
};

function verified(records: readonly PublishedRecord[], given: Given = {}): Promise<Verification> {
  const { expected = record, wasDeleted = async () => false, cut = false, until = 8 as Position } = given;
  const content = [0, 1].map((index) => ({
    cut,
    records: iterator(records.filter((one) => one.partition === index)),
  }));
  return verify({
    ...{ store, until, wasDeleted },
    expected: async (event) => expected(event),
    content: new Map([['t', content]]),
    place: ({ key }) => ({ topic: 't', partition: partition(key) }),
  });
}

async function* iterator(records: readonly PublishedRecord[]): AsyncGenerator<PublishedRecord> {
  yield* records;
}

const partition = (key: string): number => (key === 'client-a' ? 0 : 1);

function record({ stream, id, position }: StoredEvent): LogRecord {
  const headers = { ce_id: id, ce_type: 't', ce_sequence: String(position).padStart(20, '0') };
  return { topic: 'client.v1', key: stream, value: `{"id":"${id}"}`, headers, timestamp: 1 };
}
