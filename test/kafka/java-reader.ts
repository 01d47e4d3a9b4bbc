import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runJava } from '#libs/harness';

/** A record as Java's consumer shows it. */
export type ReadRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
};

const program = join(dirname(fileURLToPath(import.meta.url)), 'ReadTopic.java');
const [fieldEnd, recordEnd, headerEnd] = ['\u0001', '\u0002', '\u0003'] as const;

/**
 * Everything that Java's own consumer finds in a topic, from its beginning to where it ends now.
 *
 * @param isolation `read_committed` shows what committed readers see; `read_uncommitted` also what was given up
 */
export async function readByJava(
  brokers: readonly string[],
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<ReadRecord[]> {
  const output = await runJava(program, [brokers.join(','), topic, isolation]);
  return output
    .split(recordEnd)
    .filter((text) => text.includes(fieldEnd))
    .map((text) => parse(topic, text));
}

function parse(topic: string, text: string): ReadRecord {
  const [partition, offset, timestamp, headers = '', key = '', value = ''] = text.split(fieldEnd);
  const pairs = headers.split(headerEnd).filter((pair) => pair !== '');
  return {
    ...{ topic, partition: Number(partition), offset: Number(offset), timestamp: Number(timestamp), key, value },
    headers: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]),
    ),
  };
}
