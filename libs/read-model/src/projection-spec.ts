import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type AuthorityEvent, type Timestamp, eventSchemas, eventUpcasters, streamName } from '#libs/domain';
import { EventCodec, type EventStore, MemoryEventStore, type PersonalDataKeys } from '#libs/event-store';
import { cleanUp } from './engine/clean-up.js';
import { type ReadModelDatabase, findRows } from './engine/database.js';
import { projections } from './engine/projections.js';
import { ReadModel } from './engine/read-model.js';
import { rebuildReadModel } from './engine/rebuild.js';

/** A step of a history: an event, one recorded at another time, the deletion of a stream, or that everything about a person is erased. */
export type Step =
  AuthorityEvent | { event: AuthorityEvent; recordedAt: Timestamp } | { deleteStream: string } | { erase: string };

export const longAfter = new Date('2031-01-01T00:00:00.000Z');
const recordedByDefault = '2030-01-01T00:00:00.000Z';

/** Personal data is sealed for real, under a key per subject hash; `erase` makes one unreadable for good. */
export function subjectKeys(): PersonalDataKeys & { erase(subjectHash: string): void } {
  const erased = new Set<string>();
  const key = Buffer.alloc(32, 7).toString('base64url');
  return {
    subjectKey: (subjectHash) => ({ keyId: subjectHash, key }),
    keyById: (keyId) => (erased.has(keyId) ? 'erased' : { keyId, key }),
    sealInStream: (_stream, plaintext) => plaintext,
    unsealInStream: (_stream, sealed) => sealed,
    unsealWithRoot: (sealed) => sealed,
    erase: (subjectHash) => erased.add(subjectHash),
  };
}

export function codecWith(keys: PersonalDataKeys = subjectKeys()): EventCodec {
  return new EventCodec(eventSchemas, eventUpcasters, keys);
}

/** Writes histories into a store, each event behind the last one of its stream. */
export class HistoryWriter {
  private readonly revisions = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    private readonly keys?: ReturnType<typeof subjectKeys>,
  ) {}

  async write(step: Step): Promise<void> {
    if ('erase' in step) {
      this.keys?.erase(step.erase);
      return;
    }
    if ('deleteStream' in step) {
      await this.store.deleteStream(step.deleteStream, { expectedRevision: this.revisionOf(step.deleteStream) });
      return;
    }
    const { event, recordedAt } = 'event' in step ? step : { event: step, recordedAt: recordedByDefault };
    this.count += 1;
    const eventId = `00000000-0000-4000-8000-${String(this.count).padStart(12, '0')}`;
    const attribution = { actor: 'spec', correlationId: 'spec' };
    const schemaVersion = this.codec.schemaVersion(event.type);
    const metadata = { eventId, commandId: eventId, schemaVersion, recordedAt, ...attribution };
    const stream = streamOf(event);
    const encoded = await this.codec.encode(event, metadata, stream);
    const { revision } = await this.store.append(stream, [encoded], { expectedRevision: this.revisionOf(stream) });
    this.revisions.set(stream, revision);
  }

  revisionOf(stream: string): number {
    return this.revisions.get(stream) ?? -1;
  }
}

function streamOf({ type, data }: AuthorityEvent): string {
  // a stream for ten seconds
  if (type === 'TokensIssued' && data.grantType === 'client_credentials')
    return streamName('machine', data.issuedAt.slice(0, 18));
  if ('assertionHash' in data) return streamName('assertion', data.refusedFrom);
  if (type === 'AdminTokenCreated' || type === 'AdminTokenRevoked') return streamName('admintoken', data.name);
  if ('secretId' in data) return streamName('secret', data.secretId);
  if ('set' in data) return streamName('keyset', data.set);
  if ('grantId' in data) return streamName('grant', data.grantId);
  if ('sessionId' in data) return streamName('session', data.sessionId);
  if ('challenge' in data) return streamName(type.startsWith('Login') ? 'login' : 'consent', data.challenge);
  if ('cutOff' in data || 'deleted' in data) return 'retention';
  if ('subjectHash' in data) return streamName('subject', data.subjectHash);
  if ('clientId' in data) return streamName('client', data.clientId);
  return 'root';
}

/** The rows of every view, without what depends on when they were written. */
export function allRows(db: ReadModelDatabase): unknown {
  const tables = projections.flatMap(({ schema }) =>
    [...schema.matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table!),
  );
  return Object.fromEntries(tables.map((table) => [table, findRows(db, `SELECT * FROM ${table} ORDER BY 1, 2`)]));
}

/** A folder for one spec, gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'read-model-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Removes everything dead, as the clean-up job does. */
export async function cleanUpAll(db: ReadModelDatabase, now: Date): Promise<void> {
  while ((await cleanUp(db, { now, limit: 7 })) > 0);
}

/**
 * `given(events).thenAnswers(query, expected)`: what a query returns after a history; the same after the clean-up of what is dead by
 * `at`, and the same again after a rebuild, whose rows must be equal then.
 */
export function given(...steps: readonly Step[]): {
  thenAnswers<T>(query: (db: ReadModelDatabase) => T, expected: unknown): Promise<void>;
} {
  return {
    thenAnswers: (query, expected) =>
      inFolder(async (folder) => {
        const store = new MemoryEventStore();
        const keys = subjectKeys();
        const codec = codecWith(keys);
        const writer = new HistoryWriter(store, codec, keys);
        for (const step of steps) await writer.write(step);

        const check = async (file: string): Promise<unknown> => {
          const model = await ReadModel.open({ file, store, codec });
          model.start();
          await model.catchUp();
          expect(query(model.db)).toEqual(expected);
          await cleanUpAll(model.db, new Date(0));
          expect(query(model.db)).toEqual(expected);
          const rows = allRows(model.db);
          await model.close();
          return rows;
        };
        const live = await check(join(folder, 'live.db'));
        await rebuildReadModel({ file: join(folder, 'rebuilt.db'), store, codec });
        expect(await check(join(folder, 'rebuilt.db'))).toEqual(live);
        await store.close();
      }),
  };
}
