import { type Position } from '#libs/event-store';
import { type RelayPosition } from '../relay/port.js';
import { type Cluster, type FetchedMessage, fetchCommitted } from './internals.js';

/** The keys of the records in the topic of positions: compaction keeps the last of each. */
export const positionKey = 'position';
export const fenceKey = 'fence';

const firstLookBack = 64;
const fetchWaitMs = 250;

/** A position as it is stored: with the number of partitions that each topic had then. */
export type StoredPosition = {
  readonly position: RelayPosition;
  readonly partitions: Readonly<Record<string, number>>;
};

export function encodePosition({ position, partitions }: StoredPosition): string {
  return JSON.stringify({ ...position, previous: position.previous ?? null, partitions });
}

/** What `encodePosition` made. */
export function decodePosition(text: string): StoredPosition {
  type Stored = Omit<RelayPosition, 'previous'> & { previous: Position | null } & Pick<StoredPosition, 'partitions'>;
  const { partitions, previous, ...rest } = JSON.parse(text) as Stored;
  return { position: { ...rest, previous: previous ?? undefined }, partitions };
}

/** A record that the caller has just committed, at this offset of the topic of positions; it must be found until the deadline. */
export type Fence = { readonly topic: string; readonly offset: number; readonly deadline: number };

/**
 * The last committed position, read backwards from the fence.
 *
 * That record must be among what is read: a broker that was replaced as the partition's leader without knowing it yet does not have it,
 * and cannot pass off an old position as the last one.
 *
 * @throws when it cannot be read in time
 */
export async function lastPosition(cluster: Cluster, fence: Fence): Promise<StoredPosition | undefined> {
  for (let lookBack = firstLookBack; ; lookBack *= 8) {
    const from = Math.max(0, fence.offset - lookBack);
    const last = (await readTo(cluster, fence, from)).findLast(isPosition);
    if (last?.value != null) return decodePosition(last.value.toString('utf8'));
    if (from === 0) return undefined;
  }
}

/** The committed records from an offset to the fence. The topic keeps its beginning: compacted, it loses only superseded records. */
async function readTo(
  cluster: Cluster,
  { topic, offset: end, deadline }: Fence,
  from: number,
): Promise<FetchedMessage[]> {
  const found: FetchedMessage[] = [];
  for (let offset = from; offset <= end;) {
    if (performance.now() > deadline) throw new Error(`offset ${end} of topic ${topic} did not show in time`);
    const { messages, next } = await fetchCommitted(cluster, { topic, partition: 0, offset }, fetchWaitMs);
    found.push(...messages.filter((message) => Number(message.offset) <= end));
    offset = next;
  }
  const last = found.at(-1);
  if (Number(last?.offset) !== end || last?.key?.toString('utf8') !== fenceKey) {
    throw new Error(`topic ${topic} does not have our record at offset ${end}`);
  }
  return found;
}

function isPosition({ key }: FetchedMessage): boolean {
  return key?.toString('utf8') === positionKey;
}
