import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRootKey } from '#libs/crypto';
import { type SealedRootKey, eventSchemas } from '#libs/domain';
import { type EventCodec, MemoryEventStore, type RecordedEvent, type StoredEvent } from '#libs/event-store';
import { ReadModel, listConsentSessions } from '#libs/read-model';
import {
  type EventFixture,
  deciders,
  encodedFixture,
  eventFixtures,
  fixtureCodec,
  fixtureRootKey,
  fixtureSubjectKey,
  fixtureSystemSecret,
} from './fixtures/event-fixtures.js';

const fixtures = eventFixtures();
const fixtureOf = (type: string): EventFixture => fixtures.find((fixture) => fixture.type === type)!;
let store: MemoryEventStore;
let codec: EventCodec;
let stored: StoredEvent[];

/** The fixtures as a log: each behind the last one of its stream, as it was stored. */
beforeAll(async () => {
  store = new MemoryEventStore();
  codec = fixtureCodec(store);
  const revisions = new Map<string, number>();
  for (const fixture of fixtures) {
    const expectedRevision = revisions.get(fixture.stream) ?? -1;
    const { revision } = await store.append(fixture.stream, [encodedFixture(fixture)], { expectedRevision });
    revisions.set(fixture.stream, revision);
  }
  stored = await store.readAll(undefined, fixtures.length + 1);
});

afterAll(() => store.close());

async function decode(eventId: string): Promise<RecordedEvent> {
  return codec.decode(stored.find(({ id }) => id === eventId)!);
}

describe('the fixtures of stored events', () => {
  it.each(Object.entries(eventSchemas))('hold the current shape of %s', (type, { version }) => {
    expect(fixtures.map(({ file }) => file)).toContain(`${type}.v${version}.json`);
  });

  it.each(fixtures)('$file is named for what it holds: type, version, and the optional members it shows', (fixture) => {
    const { file, type, metadata } = fixture;
    expect(file.replace(/\.with-[a-z]+\.json$/, '.json')).toBe(`${type}.v${metadata.schemaVersion}.json`);
    expect(Object.keys(eventSchemas)).toContain(type);
  });

  it.each(fixtures)('$file decodes to what was recorded', async ({ type, decoded, metadata, stream }) => {
    expect(await decode(metadata.eventId)).toMatchObject({ event: { type }, stream, metadata });
    expect((await decode(metadata.eventId)).event.data).toEqual(decoded);
  });

  it.each(fixtures)('$file tells nothing about a person in clear', ({ type, data, decoded, stream, metadata }) => {
    const personal = eventSchemas[type as keyof typeof eventSchemas].personal ?? [];
    expect(Object.keys(data).filter((member) => personal.includes(member))).toEqual([]);
    const { sealed } = data as { sealed?: unknown }; // the root key has a member of this name that is text
    expect(typeof sealed === 'object').toBe(personal.some((member) => member in decoded));
    expect(JSON.stringify({ data, stream, metadata })).not.toMatch(/mira|people\.example/i);
  });

  it('are sealed under the subject’s key, and before there is a subject under one of the stream, once of the root', () => {
    expect(fixtureOf('LoginRequested').data).toMatchObject({ sealed: { k: 'root' } });
    const inStream = fixtures.find(({ file }) => file === 'LoginRejected.v2.with-streamkey.json');
    expect(inStream?.data).toMatchObject({ sealed: { k: 'stream' } });
    const { keyId } = fixtureOf('SubjectKeyCreated').data as { keyId: string };
    expect(fixtureOf('ConsentRequested').data).toMatchObject({ sealed: { k: keyId } });
  });
});

describe('the keys in the fixtures', () => {
  it('open with the system secret: first the root key', async () => {
    const { key, sealedByFirst } = await openRootKey(fixtureOf('RootKeyResealed').decoded as SealedRootKey, [
      fixtureSystemSecret,
    ]);
    expect(sealedByFirst).toBe(true);
    expect(key.subjectHash('anybody')).toBe(fixtureRootKey.subjectHash('anybody'));
  });

  it('then, with the root key, the subject’s key and a private key', () => {
    const { keyId, sealedKey } = fixtureOf('SubjectKeySealed').decoded as { keyId: string; sealedKey: string };
    expect(fixtureRootKey.unseal('subject-key', sealedKey, keyId)).toBe(fixtureSubjectKey);
    const { secretId, sealedJwk } = fixtureOf('SecretSealed').decoded as { secretId: string; sealedJwk: string };
    expect(JSON.parse(fixtureRootKey.unseal('private-key', sealedJwk, secretId))).toMatchObject({ kty: 'RSA' });
  });

  it('name the subject as the root key hashes it', () => {
    const { subject, subjectHash } = fixtureOf('SessionStarted').decoded as { subject: string; subjectHash: string };
    expect(fixtureRootKey.subjectHash(subject)).toBe(subjectHash);
  });
});

describe('the log of all fixtures', () => {
  const streams = [...new Set(fixtures.map(({ stream }) => stream))];

  it.each(streams)('folds %s', async (stream) => {
    const decider = deciders[stream.split('-', 1)[0]!]!;
    let state = decider.initial();
    const events = await store.readStream(stream);
    for (const { id, revision } of events) {
      const { event } = await decode(id);
      state = decider.evolve(state, event, revision);
    }
    expect(events.length).toBeGreaterThan(0);
    expect(state).toBeDefined();
  });

  it('is applied by every projection of the read model', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'event-fixtures-'));
    const readModel = await ReadModel.open({ file: join(folder, 'read-model.db'), store, codec });
    try {
      readModel.start();
      await readModel.catchUp();
      expect(readModel.status().state).not.toBe('stopped');
      const { subjectHash } = fixtureOf('ConsentAccepted').decoded as { subjectHash: string };
      expect(listConsentSessions(readModel.db, { subjectHash, limit: 10, offset: 0, now: new Date(0) })).toEqual([]); // all revoked at the end of the story
    } finally {
      await readModel.close();
      rmSync(folder, { recursive: true });
    }
  });
});
