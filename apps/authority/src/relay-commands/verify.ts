import { type Position } from '#libs/event-store';
import {
  type Finding,
  fits,
  highestSequence,
  partitionOf,
  publishedStatus,
  recordsOf,
  RelayRefusedError,
  selects,
  TopicReader,
  topics,
  type Verification,
  verify,
  wasDeleted,
} from '#libs/fan-out';
import { logIdOf } from '../relay/kafka-options.js';
import { type RelayLog } from './open-relay-log.js';
import { print, Progress } from '../terminal/output.js';
import { selectionOf, type SelectionOptions } from './selection-options.js';

export type VerifyOptions = SelectionOptions & { readonly topic?: readonly string[]; readonly format: 'text' | 'json' };

/**
 * `hydrant relay verify`: holds topics against the log. A topic that is not one of the relay's is taken for a replay, of what the same
 * options select.
 *
 * @returns whether they fit
 */
export async function verifyTopics(opened: RelayLog, options: VerifyOptions): Promise<boolean> {
  const { store, codec, root, kafka, connection, issuer } = opened;
  const { topicPrefix: prefix, subjects, tokenEvents } = kafka;
  const own = topics.map((topic) => prefix + topic);
  const names = options.topic ?? own;
  const replays = names.filter((name) => !own.includes(name));
  if (replays.length > 0 && names.length > 1) {
    throw new RelayRefusedError(`topic ${replays[0]} is not one of the relay's: verify it alone`);
  }
  const selection = selectionOf(options, root);
  const until = replays.length > 0 ? await endOfReplay(opened, names) : await published(opened);
  const reader = await TopicReader.open(connection, names);
  const counts = new Map(names.map((name) => [name, reader.partitions(name)]));
  const map = recordsOf({ store, codec, subjects, tokenEvents, issuer });
  const progress = new Progress('events', until);
  try {
    const content = new Map();
    for (const name of names) {
      const ranges = await reader.ranges(name);
      const read = ranges.map((range, partition) => ({
        records: reader.records({ topic: name, partition }, range),
        cut: range.first > 0,
      }));
      content.set(name, read);
    }
    const result = await verify({
      ...{ store, until, content },
      expected: async (event) => {
        const record = await map(event);
        return record !== undefined && selects(selection, record) ? record : undefined;
      },
      place: ({ topic, key }) => {
        const name = replays[0] ?? prefix + topic;
        const count = counts.get(name);
        return count === undefined ? undefined : { topic: name, partition: partitionOf(key, count) };
      },
      wasDeleted: (record) => wasDeleted(store, record),
      onProgress: (position) => progress.show(position, position),
    });
    progress.end();
    if (options.format === 'json') print(JSON.stringify({ fits: fits(result), until, ...result }, null, 2));
    else printResult(result, until);
    return fits(result);
  } finally {
    progress.end();
    await reader.close();
  }
}

/** How far the relay's topics are to be complete. */
async function published({ store, kafka, connection }: RelayLog): Promise<Position> {
  const { position } = await publishedStatus(connection, kafka.topicPrefix, []);
  if (position === undefined) throw new RelayRefusedError('nothing was published yet');
  const logId = await logIdOf(store);
  if (position.logId === logId) return position.position;
  throw new RelayRefusedError(`the topics hold the events of log ${position.logId}, this is log ${logId}`);
}

/** A replay is complete up to its last record, as far as anybody can tell. */
async function endOfReplay({ connection }: RelayLog, names: readonly string[]): Promise<Position> {
  const reader = await TopicReader.open(connection, names);
  try {
    const last = await highestSequence(reader);
    if (last === undefined) throw new RelayRefusedError(`topic ${names[0]} has no record of the log`);
    return last;
  } finally {
    await reader.close();
  }
}

function printResult({ checked, erased, expired, counts, findings }: Verification, until: Position): void {
  for (const finding of findings) print(lineOf(finding));
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all > findings.length) print(`and ${all - findings.length} more`);
  const kinds = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  print(
    `${checked} records up to position ${until}: ${kinds.join(', ')}; ${erased} erased and ${expired} expired are as they may be`,
  );
}

function lineOf({ kind, topic, partition, sequence, offset }: Finding): string {
  const where = offset === undefined ? '' : ` at offset ${offset}`;
  return `${kind}: position ${sequence ?? 'none'}, topic ${topic} partition ${partition}${where}`;
}
