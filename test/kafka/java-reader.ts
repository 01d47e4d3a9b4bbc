import { runJava } from './java.js';

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

const separator = '\u0001';
const lineSeparator = '\u0002';
const formatterProperties = {
  'print.timestamp': 'true',
  'print.partition': 'true',
  'print.offset': 'true',
  'print.headers': 'true',
  'print.key': 'true',
  'key.separator': separator,
  'headers.separator': '\u0003',
  'line.separator': lineSeparator,
};

/**
 * Everything that Java's own consumer finds in a topic, from its beginning until nothing came for `idleMs`.
 *
 * @param isolation `read_committed` shows what committed readers see; `read_uncommitted` also what was given up
 */
export async function readByJava(
  brokers: readonly string[],
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
  idleMs = 4_000,
): Promise<ReadRecord[]> {
  const output = await runJava('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', isolation, '--timeout-ms', String(idleMs)],
    ...Object.entries(formatterProperties).flatMap(([name, value]) => ['--formatter-property', `${name}=${value}`]),
  ]);
  return output
    .split(lineSeparator)
    .filter((line) => line.includes(separator))
    .map((line) => parse(topic, line));
}

function parse(topic: string, line: string): ReadRecord {
  const [timestamp, partition, offset, headers, key, value] = line.split(separator);
  return {
    topic,
    partition: numberOf(partition),
    offset: numberOf(offset),
    timestamp: numberOf(timestamp),
    key: key ?? '',
    value: value ?? '',
    headers: Object.fromEntries(
      (headers ?? '')
        .split('\u0003')
        .filter((pair) => pair.includes(':'))
        .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]),
    ),
  };
}

/** `Partition:3`, `Offset:17`, `CreateTime:1700000000000` */
function numberOf(text: string | undefined): number {
  return Number(text?.slice(text.indexOf(':') + 1));
}
