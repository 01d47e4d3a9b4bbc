import { expect } from '@jest/globals';
import { type EventStore } from '#libs/event-store';
import { KafkaConnection, partitionOf, type PublishedRecord, TopicReader } from '#libs/fan-out';
import { readByJava, type ReadRecord } from './java-reader.js';

/** What a topic must hold: the key of each stream's events, undefined for streams that do not belong there. */
export type KeyOf = (stream: string) => string | undefined;

/**
 * Holds a topic against the log: readers of committed records find each event once and in order, others find no gap when they drop what is
 * not above what they saw last.
 *
 * @returns how many events there are
 */
export async function expectPublished(
  brokers: readonly string[],
  [topic, partitions]: readonly [topic: string, partitions: number],
  store: EventStore,
  keyOf: KeyOf = (stream) => stream,
): Promise<number> {
  const expected = await expectedOf(store, partitions, keyOf);
  const committed = byPartition(await readByJava(brokers, topic), partitions);
  expect(committed.map((records) => records.map(({ headers }) => headers.ce_id))).toEqual(expected);
  const all = byPartition(await readByJava(brokers, topic, 'read_uncommitted'), partitions);
  expect(all.map((records) => rising(records).map(({ headers }) => headers.ce_id))).toEqual(expected);
  return expected.flat().length;
}

/** All that a topic has, partition by partition, as the relay's own reader sees it. */
export async function readTopic(brokers: readonly string[], topic: string): Promise<PublishedRecord[]> {
  const reader = await TopicReader.open(new KafkaConnection({ brokers, clientId: 'test' }), [topic]);
  const all: PublishedRecord[] = [];
  for (const [partition, range] of (await reader.ranges(topic)).entries()) {
    for await (const record of reader.records({ topic, partition }, range)) all.push(record);
  }
  await reader.close();
  return all;
}

/** The ids of all events, partition by partition, in the order of the log. */
async function expectedOf(store: EventStore, partitions: number, keyOf: KeyOf): Promise<string[][]> {
  const ids: string[][] = Array.from({ length: partitions }, () => []);
  for (let after = undefined as Parameters<EventStore['readAll']>[0]; ;) {
    const page = await store.readAll(after, 1_000);
    for (const { type, stream, id } of page) {
      const key = type.startsWith('$') ? undefined : keyOf(stream);
      if (key !== undefined) ids[partitionOf(key, partitions)]!.push(id);
    }
    const last = page.at(-1);
    if (last === undefined) return ids;
    after = last.position;
  }
}

function byPartition(records: readonly ReadRecord[], partitions: number): ReadRecord[][] {
  return Array.from({ length: partitions }, (_, partition) =>
    records.filter((record) => record.partition === partition).sort((left, right) => left.offset - right.offset),
  );
}

function rising(records: readonly ReadRecord[]): ReadRecord[] {
  let last = '';
  return records.filter(({ headers }) => {
    const sequence = headers.ce_sequence ?? '';
    if (sequence <= last) return false;
    last = sequence;
    return true;
  });
}
