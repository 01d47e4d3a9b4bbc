import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type AuthorityEvent, eventSchemas, eventUpcasters } from '#libs/domain';
import { EventCodec, type EventStore, type PersonalDataKeys, type StoredEvent } from '#libs/event-store';
import { storyLog } from '../documentation/story.js';
import { UnpublishableEventError } from '../relay/port.js';
import { EventMapper, type Mapped, type MappingOptions } from './event-mapper.js';
import { topics } from './integration-event.js';
import { kafkaRecord, recordsOf } from './kafka-record.js';
import { placeholderRow } from './placeholder.js';
import { schemaId } from './record-headers.js';
import { publishedRows, table } from './table.js';

const schemaFolder = join(import.meta.dirname, '../../schemas');
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
addFormats.default(ajv);
for (const file of readdirSync(schemaFolder)) {
  ajv.addSchema(JSON.parse(readFileSync(join(schemaFolder, file), 'utf8')) as object);
}

let log: Awaited<ReturnType<typeof storyLog>>;
let stored: StoredEvent[];

beforeAll(async () => {
  log = await storyLog();
  stored = await log.store.readAll(undefined, 1_000);
});

const options = (): MappingOptions => ({ ...log, subjects: 'clear', tokenEvents: 'all' });

async function mapped(given: Partial<MappingOptions> = {}, events = stored): Promise<Mapped[]> {
  const mapper = new EventMapper({ ...options(), ...given });
  const all: Mapped[] = [];
  for (const event of events) {
    const one = await mapper.map(event);
    if (one !== undefined) all.push(one);
  }
  return all;
}

function bodies(all: readonly Mapped[], type: string): object[] {
  return all.filter(({ event }) => event.type === type).map(({ event }) => event.data);
}

/** A store whose streams were all deleted: what retention leaves of operational ones. */
const expired: Pick<EventStore, 'readStream'> = { readStream: () => Promise.resolve([]) };

describe('the table', () => {
  it('says of every stored event type whether it is published', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(eventSchemas).sort());
  });

  it('gives every published type a name, a version and a schema of its own', () => {
    const types = publishedRows.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toMatch(/^hydrant\.[a-z_]+\.[a-z_]+\.v[1-9]$/);
    const schemas = readdirSync(schemaFolder).map((file) => `hydrant.${file.replace(/\.json$/, '')}`);
    expect(schemas.sort()).toEqual([...types, placeholderRow.type].sort());
  });

  it('uses every topic', () => {
    expect(new Set(publishedRows.map(({ topic }) => topic))).toEqual(new Set(topics));
  });
});

describe('the story', () => {
  it('has every published type', async () => {
    const types = new Set((await mapped()).map(({ event }) => event.type));
    expect([...types].sort()).toEqual(publishedRows.map(({ type }) => type).sort());
  });

  it.each(['clear', 'hash'] as const)('gives bodies that fit their schemas, with subjects %s', async (subjects) => {
    for (const { event } of await mapped({ subjects })) {
      const fits = ajv.validate(schemaId(event.type), event.data);
      expect({ type: event.type, fits, errors: ajv.errors }).toEqual({ type: event.type, fits: true, errors: null });
    }
  });

  it('gives bodies to which no member can be added', async () => {
    for (const { event } of await mapped()) {
      expect({ type: event.type, open: ajv.validate(schemaId(event.type), { ...event.data, more: 1 }) }).toEqual({
        type: event.type,
        open: false,
      });
    }
  });

  it('names nobody with subjects hash', async () => {
    expect(JSON.stringify((await mapped({ subjects: 'hash' })).map(({ event }) => event))).not.toContain('mira');
    expect(JSON.stringify((await mapped()).map(({ event }) => event))).toContain('mira');
  });

  it('holds no hash, secret or sealed value', async () => {
    const text = JSON.stringify((await mapped()).map(({ event }) => event));
    expect(text).not.toMatch(/a-hash|another-hash|hash-of|sealed|a-state-of|secretId/);
  });

  it('leaves out what is issued and refreshed unless asked for', async () => {
    const types = (await mapped({ tokenEvents: 'revoked' })).map(({ event }) => event.type);
    expect(types.filter((type) => /tokens\.(issued|refreshed)/.test(type))).toEqual([]);
    expect(types).toContain('hydrant.tokens.revoked.v1');
  });
});

describe('the mapping', () => {
  it('is the same from wherever one starts', async () => {
    const all = await mapped();
    for (let start = 1; start < stored.length; start += 1) {
      const rest = stored.slice(start);
      const [first] = rest;
      const expected = all.filter(({ recorded }) => recorded.position >= first!.position);
      expect((await mapped({}, rest)).map(({ event }) => event)).toEqual(expected.map(({ event }) => event));
    }
  });

  it('names the members of a registration that changed', async () => {
    expect(bodies(await mapped(), 'hydrant.client.updated.v1')).toMatchObject([
      { changed: ['client_name'], reason: 'ticket 4711', actor: 'admin', requestId: 'request-2' },
    ]);
  });

  it('says whom and which client a consent, a session and tokens are about', async () => {
    const all = await mapped();
    const who = { subject: 'mira', subjectHash: 'AJbtrasxMqhaCQjn_l4ksL5wn98kzQzlI5Fs0DMjleI' };
    expect(bodies(all, 'hydrant.consent.accepted.v1')).toMatchObject([
      { ...who, clientId: 'photo-prints', requestedScope: ['openid', 'offline', 'photos.read'], skipped: false },
    ]);
    expect(bodies(all, 'hydrant.session.ended.v1')).toMatchObject([{ ...who, cause: 'logout' }]);
    expect(bodies(all, 'hydrant.code.replayed.v1')).toMatchObject([{ ...who, clientId: 'photo-prints' }]);
    expect(bodies(all, 'hydrant.refresh_token.reused.v1')).toMatchObject([{ ...who, clientId: 'photo-prints' }]);
  });

  it('puts what is about one person under one key, and what is about nobody under its client', async () => {
    const all = await mapped();
    const keys = (type: string) => all.filter(({ event }) => event.type === type).map(({ event }) => event.key);
    const person = 'AJbtrasxMqhaCQjn_l4ksL5wn98kzQzlI5Fs0DMjleI';
    expect(keys('hydrant.consent.accepted.v1')).toEqual([person]);
    expect(keys('hydrant.consent.revoked.v1')).toEqual([person]);
    expect(keys('hydrant.session.ended.v1')).toEqual([person]);
    expect(keys('hydrant.tokens.revoked.v1')).toEqual([person, 'photo-prints']);
    expect(keys('hydrant.login.rejected.v1')).toEqual(['photo-prints', 'photo-prints']);
    expect(keys('hydrant.tokens.flushed.v1')).toEqual(['all']);
    expect(keys('hydrant.key.rotated.v1')).toEqual(['partner']);
  });

  it('puts the revocation of a client’s own tokens under its grant where an older event does not name the client', async () => {
    const revoked = stored.filter(({ type }) => type === 'TokensRevoked').at(-1)!;
    const { clientId, ...older } = JSON.parse(revoked.data) as { clientId?: string; grantId: string };
    expect(clientId).toBe('photo-prints');
    const [one] = await mapped({}, [{ ...revoked, data: JSON.stringify(older) }]);
    expect(one!.event.key).toBe(older.grantId);
    expect(Object.keys(one!.event.data)).toEqual(['grantId', 'actor', 'requestId']);
    expect(ajv.validate(schemaId(one!.event.type), one!.event.data)).toBe(true);
  });

  it('publishes what is about an erased person without what named it', async () => {
    const erasedKeys = { keyById: () => 'erased' } as unknown as PersonalDataKeys;
    const codec = new EventCodec(eventSchemas, eventUpcasters, erasedKeys);
    const all = await mapped(
      { codec },
      stored.filter(({ type }) => !type.startsWith('Login')),
    );
    expect(JSON.stringify(all.map(({ event }) => event))).not.toContain('mira');
    expect(bodies(all, 'hydrant.consent.accepted.v1')).toMatchObject([
      { unavailable: 'erased', clientId: 'photo-prints', grantedScope: ['openid', 'offline'] },
    ]);
    for (const { event } of all) expect(ajv.validate(schemaId(event.type), event.data)).toBe(true);
  });

  it.each(['deleted', 'gone without a trace'])('says so when the stream that told more is %s', async (how) => {
    const readStream = how === 'deleted' ? await deletedStreams() : expired.readStream;
    const ended = stored.filter(({ type }) => type === 'SessionEnded' || type === 'RefreshTokenReused');
    const all = await mapped({ store: { readStream } }, ended);
    expect(all.map(({ event }) => [event.key, event.data['unavailable']])).toEqual([
      ['0193b6f27c2d7a4f9d3a000000000002', 'expired'],
      ['6f1cf6d6-5d0c-4f0e-8a5e-6f3f3c1f7f10', 'expired'],
    ]);
    for (const { event } of all) expect(ajv.validate(schemaId(event.type), event.data)).toBe(true);
  });

  const decisions = () => stored.filter(({ type }) => type === 'LoginAccepted' || type === 'LoginRejected');

  it('needs no other event to say whose login was decided, at which client, but for former ones', async () => {
    const all = await mapped({ store: expired }, decisions());
    expect(all.map(({ event: { data } }) => [data['clientId'], data['skipped'], data['unavailable']])).toEqual([
      ['photo-prints', false, undefined],
      ['photo-prints', false, undefined],
      [undefined, undefined, 'expired'],
    ]);
  });

  it('knows whom a login is of that was rejected although it rested on a session', async () => {
    const rejected = decisions()[1]!;
    const person = { subjectHash: 'hash-of-mira', subject: 'mira' };
    const session = { sessionId: 'sid', authenticatedAt: '2026-11-02T08:00:00.000Z' };
    const recorded = await log.codec.decode(rejected);
    const event = { ...recorded.event, data: { ...recorded.event.data, ...person, session } };
    const encoded = await log.codec.encode(event, recorded.metadata, rejected.stream);
    const [one] = await mapped({}, [{ ...rejected, ...encoded }]);
    expect(one!.event).toMatchObject({
      ...{ key: 'hash-of-mira', data: { subjectHash: 'hash-of-mira', subject: 'mira', skipped: true } },
    });
    const [hashed] = await mapped({ subjects: 'hash' }, [{ ...rejected, ...encoded }]);
    expect(JSON.stringify(hashed!.event)).not.toContain('"mira"');
  });

  /** Reads of a store in which every stream of the story was deleted. */
  async function deletedStreams(): Promise<EventStore['readStream']> {
    const { store } = await storyLog();
    for (const stream of new Set(stored.map((event) => event.stream))) {
      const revision = (await store.readStream(stream)).at(-1)!.revision;
      await store.deleteStream(stream, { expectedRevision: revision });
    }
    return (stream, at) => store.readStream(stream, at);
  }
});

describe('a record', () => {
  const issuer = 'https://id.example/';

  it('is a CloudEvent in binary mode', async () => {
    const all = await mapped();
    const updated = all.find(({ event }) => event.type === 'hydrant.client.updated.v1')!;
    expect(kafkaRecord(updated, issuer)).toEqual({
      topic: 'client.v1',
      key: 'photo-prints',
      value: JSON.stringify(updated.event.data),
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: '0193b6f2-7c2d-7a4f-9d3a-000000000002',
        ce_type: 'hydrant.client.updated.v1',
        ce_source: 'https://id.example/',
        ce_subject: 'client/photo-prints',
        ce_time: '2026-11-02T08:01:00.000Z',
        ce_dataschema: 'urn:hydrant:event:client.updated.v1',
        ce_sequence: String(updated.recorded.position).padStart(20, '0'),
        ce_revision: '1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        ce_traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
      timestamp: Date.parse('2026-11-02T08:01:00.000Z'),
    });
  });

  it('never shows a private member of a key, whatever the log holds', async () => {
    const keyed = { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ', d: 'private-part' };
    const [created] = await storyLog().then(({ store }) => store.readAll(undefined, 1));
    const data = JSON.parse(created!.data) as Extract<AuthorityEvent, { type: 'ClientCreated' }>['data'];
    const registration = { ...data.registration, jwks: { keys: [keyed] } };
    const [one] = await mapped({}, [{ ...created!, data: JSON.stringify({ ...data, registration }) }]);
    expect(one!.event.data).toMatchObject({ registration: { jwks: { keys: [{ kty: 'EC', x: 'eA' }] } } });
    expect(kafkaRecord(one!, issuer).value).not.toContain('private-part');
    expect(ajv.validate(schemaId(one!.event.type), one!.event.data)).toBe(true);
  });
});

describe('an event that cannot be published', () => {
  const issuer = 'https://id.example/';
  const by = { actor: 'hydrant', correlationId: 'run-1' };

  /** The story with an event of it that cannot be read, and what is published of it. */
  async function broken(type: string): Promise<{ event: StoredEvent; map: ReturnType<typeof recordsOf> }> {
    const event = { ...stored.find((one) => one.type === type)!, data: '{' };
    return { event, map: recordsOf({ ...options(), ...log, issuer }) };
  }

  async function park({ id, position, type }: StoredEvent, reason: string): Promise<void> {
    const data = { position, eventId: id, eventType: type, reason, parkedAt: '2026-11-02T10:00:00.000Z' };
    const eventId = `0193b6f2-7c2d-7a4f-9d3a-${String(position).padStart(12, '9')}`;
    const metadata = { eventId, commandId: eventId, schemaVersion: 1, recordedAt: data.parkedAt, ...by };
    const revision = (await log.store.readStream('relay')).length - 1;
    const encoded = await log.codec.encode({ type: 'EventParked', data }, metadata, 'relay');
    await log.store.append('relay', [encoded], { expectedRevision: revision });
  }

  it('is refused, until somebody lets it pass: then a placeholder has its place, and says who and why', async () => {
    const { event, map } = await broken('ClientUpdated');
    await expect(map(event)).rejects.toBeInstanceOf(UnpublishableEventError);
    await park(event, 'ticket 4712');
    const record = (await map(event))!;
    expect(record).toMatchObject({ topic: 'client.v1', key: 'photo-prints' });
    expect(record.headers).toMatchObject({
      ...{ ce_id: event.id, ce_type: 'hydrant.event.parked.v1', ce_subject: 'client/photo-prints', ce_revision: '1' },
      ce_sequence: String(event.position).padStart(20, '0'),
    });
    const body = JSON.parse(record.value) as object;
    expect(body).toEqual({
      ...{ replaces: 'hydrant.client.updated.v1', position: event.position, parkedAt: '2026-11-02T10:00:00.000Z' },
      ...{ actor: 'hydrant', reason: 'ticket 4712', requestId: 'run-1' },
    });
    expect(ajv.validate(schemaId('hydrant.event.parked.v1'), body)).toBe(true);
  });

  it('is nothing to others when it would have been nothing', async () => {
    const { event, map } = await broken('LoginRequested');
    await expect(map(event)).rejects.toThrow('LoginRequested');
    await park(event, 'ticket 4713');
    expect(await map(event)).toBeUndefined();
  });

  it('may be too large', async () => {
    const event = stored.find(({ type }) => type === 'KeySetCreated')!;
    const small = recordsOf({ ...options(), ...log, issuer, maxRecordBytes: 300 });
    await expect(small(event)).rejects.toThrow('300 are allowed');
    await park(event, 'ticket 4714');
    expect((await small(event))!.headers).toMatchObject({
      ce_type: 'hydrant.event.parked.v1',
      ce_subject: 'key-set/partner',
    });
  });
});
