import { createRootKey, type RootKey, uuidV7 } from '#libs/crypto';
import { eventSchemas } from '#libs/domain';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyEventStore } from '../contract/faulty-event-store.js';
import { UnavailableError } from '../errors.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { type EventStore, streamDeleted } from '../port.js';
import { StoredSubjectKeys } from './stored-subject-keys.js';

describe('StoredSubjectKeys', () => {
  let root: RootKey;
  beforeAll(async () => {
    root = (await createRootKey('a system secret of some length', 1)).key;
  });

  const keysOn = (store: EventStore) =>
    new StoredSubjectKeys({
      store,
      schemas: eventSchemas,
      upcasters: {},
      root,
      clock: () => new Date('2026-01-01T00:00:00Z'),
      newId: uuidV7,
      by: { actor: 'system', correlationId: 'keys' },
    });

  it('makes a key on first use: first the sealed key, then the event that names it', async () => {
    const store = new MemoryEventStore();
    const { keyId, key } = await keysOn(store).subjectKey('hash-1');
    const events = await store.readAll(undefined, 10);
    expect(events.map(({ stream, type }) => [stream, type])).toEqual([
      [`subjectkey-${keyId}`, 'SubjectKeySealed'],
      ['subject-hash-1', 'SubjectKeyCreated'],
    ]);
    expect(JSON.stringify(events)).not.toContain(key);
    const commands = events.map(({ metadata }) => (JSON.parse(metadata) as { commandId: string }).commandId);
    expect(new Set(commands).size).toBe(1);
  });

  it('gives the same key ever after, synchronously once it is known', async () => {
    const store = new MemoryEventStore();
    const keys = keysOn(store);
    const [key, same] = await Promise.all([keys.subjectKey('hash-1'), keys.subjectKey('hash-1')]);
    expect(same).toBe(key);
    expect(keys.subjectKey('hash-1')).toBe(key);
    expect(keys.keyById(key.keyId)).toBe(key);
    const later = keysOn(store);
    expect(await later.subjectKey('hash-1')).toEqual(key);
    expect(await keysOn(store).keyById(key.keyId)).toEqual(key);
    expect(await store.readAll(undefined, 10)).toHaveLength(2);
  });

  it('lets one of two concurrent makers win; the other removes its key and takes the winner’s', async () => {
    const store = new MemoryEventStore();
    const [one, two] = await Promise.all([keysOn(store).subjectKey('hash-1'), keysOn(store).subjectKey('hash-1')]);
    expect(two).toEqual(one);
    const types = (await store.readAll(undefined, 10)).map(({ type }) => type);
    expect(types.sort()).toEqual([streamDeleted, 'SubjectKeyCreated', 'SubjectKeySealed']);
  });

  it('knows an erased key from a missing one', async () => {
    const store = new MemoryEventStore();
    const keys = keysOn(store);
    const { keyId } = await keys.subjectKey('hash-1');
    await store.deleteStream(`subjectkey-${keyId}`, { expectedRevision: 0 });
    expect(await keysOn(store).keyById(keyId)).toBe('erased');
    expect(await keysOn(store).keyById('never-made')).toBeUndefined();
    keys.forget(keyId);
    expect(keys.keyById(keyId)).toBe('erased');
    await expect(keys.subjectKey('hash-1')).rejects.toThrow(UnavailableError);
  });

  it('tries again after a failure', async () => {
    const store = new FaultyEventStore(new MemoryEventStore());
    const keys = keysOn(store);
    store.failNextAppends(() => Promise.reject(new UnavailableError('away')));
    await expect(keys.subjectKey('hash-1')).rejects.toThrow(UnavailableError);
    const { keyId } = await keys.subjectKey('hash-1');
    expect(await store.readStream(`subjectkey-${keyId}`)).toHaveLength(1);
  });
});
