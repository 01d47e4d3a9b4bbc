import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent } from '../contract/sample-events.js';
import { StoreRefusedError } from '../errors.js';
import { fromServerEvent, type ServerEvent, toServerEvent } from './stored-form.js';

const id = '018f0000-0000-7000-8000-000000000000';
const lastRevision = 2n ** 63n - 1n;

function recorded(members: Partial<NonNullable<ServerEvent['event']>>): ServerEvent {
  const event = {
    streamId: 'ours.a-1',
    id,
    revision: 3n,
    type: 'SomethingHappened',
    isJson: true,
    data: {},
    metadata: {},
  };
  const position = { commit: 77n, prepare: 77n };
  return { event: { ...event, created: new Date(0), position, ...members } as NonNullable<ServerEvent['event']> };
}

const read = (members: Parameters<typeof recorded>[0], prefix = 'ours.') => fromServerEvent(prefix, recorded(members));

describe('an event on its way to the server', () => {
  it('comes back as it was, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (text, value) => {
        const data = JSON.stringify(JSON.parse(text));
        const metadata = JSON.stringify(value);
        const sent = toServerEvent(anEvent({ data, metadata }));
        const sentMetadata: unknown = JSON.parse(Buffer.from(sent.metadata as Uint8Array).toString());
        expect(sent.contentType).toBe('application/json');
        const stored: unknown = JSON.parse(JSON.stringify(sent.data));
        expect(read({ data: stored as never, metadata: sentMetadata as never })).toMatchObject({ data, metadata });
      }),
    );
  });

  it.each([
    ['data with spaces', { data: '{ "n": 1 }' }],
    ['data with a number written otherwise', { data: '{"n":1.0}' }],
    ['data that is not JSON', { data: 'n' }],
    ['metadata with spaces', { metadata: '{} ' }],
    ['an id that is not a UUID', { id: '1' }],
  ])('is refused with %s', (_case, members) => {
    expect(() => toServerEvent(anEvent(members))).toThrow(TypeError);
  });
});

describe('an event from the server', () => {
  it('is ours in a stream with our prefix', () => {
    expect(read({ data: { n: 1 }, metadata: { actor: 'ä' } })).toEqual({
      id,
      type: 'SomethingHappened',
      data: '{"n":1}',
      metadata: '{"actor":"ä"}',
      stream: 'a-1',
      revision: 3,
      position: 77,
    });
  });

  it.each([
    ['another prefix', { streamId: 'theirs.a-1' }],
    ['no prefix', { streamId: 'a-1' }],
    ['the metadata of a stream of ours', { streamId: '$$ours.a-1', type: '$metadata' }],
    ['the deletion of a stream of theirs', { streamId: 'theirs.a-1', type: '$streamDeleted', revision: lastRevision }],
  ])('is foreign and without content: %s', (_case, members) => {
    const foreign = { id, type: '$foreign', data: '{}', metadata: '{}', stream: '', revision: -1, position: 77 };
    expect(read({ ...members, data: { secret: 1 } })).toEqual(foreign);
  });

  it('is foreign in a system stream also where all streams are ours', () => {
    expect(read({ streamId: '$stats' }, '')).toMatchObject({ type: '$foreign', stream: '' });
    expect(read({ streamId: 'a-1' }, '')).toMatchObject({ type: 'SomethingHappened', stream: 'a-1' });
  });

  it('tells the deletion of a stream of ours', () => {
    const deletion = { type: '$streamDeleted', data: '{}', metadata: '{}', stream: 'a-1', revision: -1, position: 77 };
    const bytes = { isJson: false, data: new Uint8Array(), metadata: undefined };
    expect(read({ ...bytes, type: '$streamDeleted', revision: lastRevision } as never)).toEqual({ id, ...deletion });
  });

  it.each(['$streamDeleted', '$>'])(
    'of type %s that somebody wrote into a stream of ours is not skipped by readers',
    (type) => {
      expect(read({ type })).toMatchObject({ type: `foreign ${type}`, stream: 'a-1', revision: 3, position: 77 });
    },
  );

  it('that is not JSON keeps its text, for the codec to refuse', () => {
    const bytes = Uint8Array.from(Buffer.from('plain'));
    expect(read({ isJson: false, data: bytes, metadata: bytes })).toMatchObject({ data: 'plain', metadata: 'plain' });
    expect(read({ data: 'no JSON', metadata: undefined })).toMatchObject({ data: '"no JSON"', metadata: '' });
  });

  it.each([[undefined], [2n ** 53n]])('is refused at position %s', (commit) => {
    const position = commit === undefined ? undefined : { commit, prepare: commit };
    expect(() => read({ position } as never)).toThrow(StoreRefusedError);
  });
});
