import { newSubjectKey } from '#libs/crypto';
import { type EventSchemas, type EventUpcasters } from '#libs/domain';
import { describe, expect, it } from '@jest/globals';
import { type EncodedEvent, type Position, type StoredEvent } from '../port.js';
import { CodecError, EventCodec } from './codec.js';
import { type EventMetadata } from './event-metadata.js';
import { type FoundKey, type PersonalDataKeys } from './personal-data.js';

const schemas: EventSchemas = {
  Plain: { version: 1 },
  Greeted: { version: 1, personal: ['subject', 'address'] },
  Renamed: { version: 3 },
};
const upcasters: EventUpcasters = {
  Renamed: {
    1: ({ old, ...rest }) => ({ ...rest, middle: old ?? null }),
    2: ({ middle }) => ({ name: middle ?? null }),
  },
};
const metadata: EventMetadata = {
  eventId: '018f0000-0000-7000-8000-000000000000',
  commandId: '018f0000-0000-7000-8000-000000000000',
  schemaVersion: 1,
  recordedAt: '2026-01-01T00:00:00.000Z',
  actor: 'admin',
  correlationId: 'request-1',
};
const data = { subjectHash: 'hash-1', subject: 'jane@example.com', address: { city: 'Bern' }, clientId: 'app' };

/** Keys in memory; `asynchronous` as keys are that must be loaded first. */
class KeyRing implements PersonalDataKeys {
  readonly keys = new Map<string, FoundKey>();
  asynchronous = false;

  subjectKey(subjectHash: string) {
    const known = this.keys.get(`key-of-${subjectHash}`);
    const key = typeof known === 'object' ? known : { keyId: `key-of-${subjectHash}`, key: newSubjectKey() };
    this.keys.set(key.keyId, key);
    return this.asynchronous ? Promise.resolve(key) : key;
  }

  keyById(keyId: string) {
    const found = this.keys.get(keyId);
    return this.asynchronous ? Promise.resolve(found) : found;
  }

  sealInStream(stream: string, plaintext: string, context: string): string {
    return Buffer.from(`${stream} ${context}|${plaintext}`).toString('base64url');
  }

  unsealInStream(stream: string, sealed: string, context: string): string {
    return this.unsealWithRoot(sealed, `${stream} ${context}`);
  }

  unsealWithRoot(sealed: string, context: string): string {
    const [bound, plaintext] = Buffer.from(sealed, 'base64url').toString().split('|', 2);
    if (bound !== context) throw new Error('another context');
    return plaintext!;
  }
}

function stored(encoded: EncodedEvent, members: Partial<StoredEvent> = {}): StoredEvent {
  return { ...encoded, stream: 'greeting-1', revision: 4, position: 77 as Position, ...members };
}

function setUp() {
  const keys = new KeyRing();
  return { keys, codec: new EventCodec(schemas, upcasters, keys) };
}

describe('EventCodec', () => {
  it('stores a plain event as it is, and reads it back', () => {
    const { codec } = setUp();
    const event = { type: 'Plain', data: { sealed: 'a member of this name', list: [1, null, { a: 'b' }] } };
    const encoded = codec.encode(event, metadata, 'greeting-1') as EncodedEvent;
    expect(encoded).toEqual({
      id: metadata.eventId,
      type: 'Plain',
      data: JSON.stringify(event.data),
      metadata: JSON.stringify(metadata),
    });
    const { stream, revision, position } = stored(encoded);
    expect(codec.decode(stored(encoded))).toEqual({ event, stream, revision, position, metadata });
  });

  it.each([false, true])(
    'seals personal members under the subject’s key (keys asynchronous: %s)',
    async (asynchronous) => {
      const { codec, keys } = setUp();
      keys.asynchronous = asynchronous;
      const encoding = codec.encode({ type: 'Greeted', data }, metadata, 'greeting-1');
      expect(encoding instanceof Promise).toBe(asynchronous);
      const encoded = await encoding;
      expect(JSON.parse(encoded.data)).toEqual({
        subjectHash: 'hash-1',
        clientId: 'app',
        sealed: { k: 'key-of-hash-1', v: expect.any(String) },
      });
      expect(encoded.data + encoded.metadata).not.toMatch(/jane|Bern/);
      const decoding = codec.decode(stored(encoded));
      expect(decoding instanceof Promise).toBe(asynchronous);
      expect((await decoding).event).toEqual({ type: 'Greeted', data });
      expect(await decoding).not.toHaveProperty('erased');
    },
  );

  it('seals under a key of the stream while there is no subject', () => {
    const { codec } = setUp();
    const early = { subject: 'jane@example.com', clientId: 'app' };
    const encoded = codec.encode({ type: 'Greeted', data: early }, metadata, 'greeting-1') as EncodedEvent;
    expect(JSON.parse(encoded.data)).toEqual({ clientId: 'app', sealed: { k: 'stream', v: expect.any(String) } });
    expect(codec.decode(stored(encoded))).toMatchObject({ event: { data: early } });
    expect(() => codec.decode(stored(encoded, { stream: 'greeting-2' }))).toThrow(/cannot be unsealed/);
  });

  it('seals nothing when the personal members are absent', () => {
    const { codec } = setUp();
    const encoded = codec.encode(
      { type: 'Greeted', data: { subjectHash: 'hash-1' } },
      metadata,
      'greeting-1',
    ) as EncodedEvent;
    expect(encoded.data).toBe('{"subjectHash":"hash-1"}');
  });

  it('reads an event of an erased person without the personal members, and says so', async () => {
    const { codec, keys } = setUp();
    const encoded = await codec.encode({ type: 'Greeted', data }, metadata, 'greeting-1');
    keys.keys.set('key-of-hash-1', 'erased');
    expect(codec.decode(stored(encoded))).toMatchObject({
      event: { type: 'Greeted', data: { subjectHash: 'hash-1', clientId: 'app' } },
      erased: true,
    });
  });

  it('stops at a key that is missing without having been erased, and names the place', async () => {
    const { codec, keys } = setUp();
    const encoded = await codec.encode({ type: 'Greeted', data }, metadata, 'greeting-1');
    keys.keys.clear();
    expect(() => codec.decode(stored(encoded))).toThrow(
      'Greeted at position 77 (stream greeting-1, revision 4) is sealed with key key-of-hash-1, which is missing',
    );
    keys.asynchronous = true;
    await expect(codec.decode(stored(encoded))).rejects.toMatchObject({
      stream: 'greeting-1',
      revision: 4,
      position: 77,
    });
  });

  it.each([
    ['event', { id: '018f0000-0000-7000-8000-000000000001' }],
    ['text', { data: '{"sealed":{"k":"root","v":"AAAA"}}' }],
    ['text in its stream', { data: '{"sealed":{"k":"stream","v":"AAAA"}}' }],
  ])('refuses a sealed value that is of another %s', async (_case, members) => {
    const { codec } = setUp();
    const encoded = await codec.encode({ type: 'Greeted', data }, metadata, 'greeting-1');
    expect(() => codec.decode(stored(encoded, members))).toThrow(/cannot be unsealed/);
  });

  it('leads old shapes up to the current one', () => {
    const { codec } = setUp();
    const old = { id: 'x', type: 'Renamed', data: '{"old":"Ann"}', metadata: JSON.stringify(metadata) };
    expect(codec.decode(stored(old))).toMatchObject({ event: { data: { name: 'Ann' } } });
    const middle = { ...old, data: '{"middle":"Bob"}', metadata: JSON.stringify({ ...metadata, schemaVersion: 2 }) };
    expect(codec.decode(stored(middle))).toMatchObject({ event: { data: { name: 'Bob' } } });
  });

  const unreadable: [string, Partial<StoredEvent>, RegExp][] = [
    [
      'of a newer schema',
      { metadata: JSON.stringify({ ...metadata, schemaVersion: 2 }) },
      /newer version of Hydrant \(schema 2, known 1\)/,
    ],
    [
      'of an unknown type',
      { type: 'Invented' },
      /Invented at position 77 .* type this version of Hydrant does not know/,
    ],
    ['of a type named like a member of every object', { type: 'toString' }, /does not know/],
    ['without a schema version', { metadata: '{}' }, /has no schemaVersion/],
    ['whose data is not JSON', { data: '{' }, /has data that is not JSON/],
    ['whose metadata is not an object', { metadata: '[]' }, /has metadata that is not an object/],
    [
      'of a shape nothing leads on from',
      { type: 'Renamed', metadata: JSON.stringify({ ...metadata, schemaVersion: 0 }) },
      /nothing leads to 1/,
    ],
  ];
  it.each(unreadable)('stops at an event %s', (_case, members, message) => {
    const { codec } = setUp();
    const plain = stored({ id: 'x', type: 'Plain', data: '{}', metadata: JSON.stringify(metadata) }, members);
    expect(() => codec.decode(plain)).toThrow(message);
    expect(() => codec.decode(plain)).toThrow(CodecError);
  });

  it('encodes no event without a schema', () => {
    expect(() => setUp().codec.encode({ type: 'Invented', data: {} }, metadata, 'greeting-1')).toThrow(TypeError);
  });
});
