import { type Position } from '#libs/event-store';
import { type RelayPosition } from '../relay/port.js';
import { type Cluster, type FetchedMessage, fetchCommitted } from './internals.js';

/** The keys of the records in the topic of positions: compaction keeps the last of each. */
export const POSITION_KEY = 'position';
export const FENCE_KEY = 'fence';

const FIRST_LOOK_BACK = 64;
const FETCH_WAIT_MS = 250;

/** A position as it is stored: with the number of partitions that each topic had then. */
export type StoredPosition = {
  readonly position: RelayPosition;
  readonly partitions: Readonly<Record<string, number>>;
};

export function encodePosition({ position, partitions }: StoredPosition): string {
  return JSON.stringify({ ...position, previous: position.previous ?? null, partitions });
}

function decodePosition(text: string): StoredPosition {
  type Stored = Omit<RelayPosition, 'previous'> & { previous: Position | null } & Pick<StoredPosition, 'partitions'>;
  const { partitions, previous, ...rest } = JSON.parse(text) as Stored;
  return { position: { ...rest, previous: previous ?? undefined }, partitions };
}

/**
 * The last committed position, read backwards from a record that the caller has just committed.
 *
 * That record must be among what is read: a broker that was replaced as the partition's leader without knowing it yet does not have it,
 * and cannot pass off an old position as the last one.
 *
 * @param fence offset of that record
 * @throws when it cannot be read in time
 */
export async function lastPosition(
  cluster: Cluster,
  topic: string,
  fence: number,
  timeoutMs: number,
): Promise<StoredPosition | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (let lookBack = FIRST_LOOK_BACK; ; lookBack *= 8) {
    const from = Math.max(0, fence - lookBack);
    const last = (await readTo(cluster, topic, from, fence, deadline)).findLast(isPosition);
    if (last?.value != null) return decodePosition(last.value.toString('utf8'));
    if (from === 0) return undefined;
  }
}

/** The committed records between two offsets, both included. The topic keeps its beginning: compacted, it loses only superseded records. */
async function readTo(
  cluster: Cluster,
  topic: string,
  from: number,
  fence: number,
  deadline: number,
): Promise<FetchedMessage[]> {
  const found: FetchedMessage[] = [];
  for (let offset = from; offset <= fence;) {
    if (performance.now() > deadline) throw new Error(`offset ${fence} of topic ${topic} did not show in time`);
    const { messages, next } = await fetchCommitted(cluster, { topic, partition: 0, offset }, FETCH_WAIT_MS);
    found.push(...messages.filter((message) => Number(message.offset) <= fence));
    offset = next;
  }
  const last = found.at(-1);
  if (Number(last?.offset) !== fence || last?.key?.toString('utf8') !== FENCE_KEY) {
    throw new Error(`topic ${topic} does not have our record at offset ${fence}`);
  }
  return found;
}

function isPosition({ key }: FetchedMessage): boolean {
  return key?.toString('utf8') === POSITION_KEY;
}
