import { beforeEach, describe, expect, it } from '@jest/globals';
import { uuidV4 } from '#libs/crypto';
import { MemoryEventStore, type Position, type StoredEvent } from '#libs/event-store';
import { type LogRecord, RelayRefusedError } from '../relay/port.js';
import { replay, type ReplayOptions, replayHeader, type ReplayTarget } from './replay.js';
import { type Selection, typesNamed } from './selection.js';
import { sequenceOf } from './sequence.js';

const events = 1_200;
let store: MemoryEventStore;
let written: LogRecord[];
/** Which writes fail, and whether they were done all the same. */
let faults: Map<number, 'lost' | 'dropped'>;

beforeEach(async () => {
  store = new MemoryEventStore();
  written = [];
  faults = new Map();
  const all = Array.from({ length: events }, () => ({ id: uuidV4(), type: 'Happened', data: '{}', metadata: '{}' }));
  await store.append('client-a', all, { expectedRevision: -1 });
});

describe('a replay', () => {
  it('gives every record again, with a header more', async () => {
    expect(await replayed()).toBe(events);
    const originals = (await store.readAll(undefined, events)).map(record);
    expect(
      written.map(({ headers: { [replayHeader]: name, ...headers }, ...rest }) => [typeof name, { ...rest, headers }]),
    ).toEqual(originals.map((original) => ['string', original]));
  });

  it('gives what is selected', async () => {
    const range = { from: { position: 100 as Position }, to: { position: 110 as Position } };
    expect(await replayed(range)).toBe(11);
    expect(await replayed({ clientId: 'c7' }, [])).toBe(events / 10);
    expect(await replayed({ subjectHash: 'nobody' }, [])).toBe(0);
    expect(await replayed({ types: ['other'] }, [])).toBe(0);
    expect(await replayed({ from: { time: new Date(1_000) }, to: { time: new Date(1_010) } }, [])).toBe(11);
  });

  it('goes on where it stopped, whether the last batch was written or not', async () => {
    faults = new Map([
      [0, 'dropped'],
      [1, 'lost'],
    ]);
    await replayed();
    expect(written.map(sequenceOf)).toEqual(Array.from({ length: events }, (_, index) => index + 1));
    await replayed();
    expect(written).toHaveLength(events);
  });

  it('does not mix two selections', async () => {
    await replayed({ clientId: 'c1' });
    await expect(replayed({ clientId: 'c2' })).rejects.toBeInstanceOf(RelayRefusedError);
  });
});

describe('the names of types', () => {
  it('may be short', () => {
    expect(typesNamed(['consent.accepted', 'hydrant.client.created.v1'])).toEqual([
      'hydrant.consent.accepted.v1',
      'hydrant.client.created.v1',
    ]);
    expect(() => typesNamed(['consent.lost'])).toThrow('there is no type consent.lost');
  });
});

async function replayed(selection: Selection = {}, into = written): Promise<number> {
  const quiet: Pick<ReplayOptions, 'onProgress' | 'notice'> = { onProgress: () => undefined, notice: () => undefined };
  return replay({
    ...quiet,
    store,
    map: async (event) => record(event),
    selection,
    until: events as Position,
    target: target(into),
  });
}

/** A topic in memory. */
function target(into: LogRecord[]): ReplayTarget {
  let writes = 0;
  return {
    open: async (selection) => {
      const last = into.at(-1);
      if (last !== undefined && last.headers[replayHeader] !== selection) throw new RelayRefusedError('another replay');
      return last === undefined ? undefined : sequenceOf(last);
    },
    write: async (records) => {
      const fault = faults.get(writes++);
      if (fault !== 'dropped') into.push(...records);
      if (fault !== undefined) throw new Error('no answer came');
    },
    close: async () => undefined,
  };
}

function record({ id, position }: StoredEvent): LogRecord {
  const headers = { ce_id: id, ce_type: 'hydrant.client.created.v1', ce_sequence: String(position).padStart(20, '0') };
  const value = JSON.stringify({ clientId: `c${position % 10}` });
  return { topic: 'client.v1', key: id, value, headers, timestamp: position };
}
