import { writeFile } from 'node:fs/promises';
import { type LogRecord, recordsOf } from '#libs/fan-out';
import { runJava } from '#libs/harness';
import { openFolder } from './evidence.js';

/** Records like those that the relay publishes: a file with one a line, and how large they are. */
export type Payloads = { readonly file: string; readonly meanBytes: number };

const samples = 5_000;
const jvm = ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']; // as kafka-producer-perf-test is started

/** Takes what is published of the first events of a log: key, headers and body of a record become the body of one. */
export async function payloadsOf(env: Readonly<Record<string, string>>, file: string): Promise<Payloads> {
  const folder = await openFolder(env);
  try {
    const map = recordsOf({
      ...{ store: folder.store, codec: folder.codec, subjects: 'clear', tokenEvents: 'revoked' },
      issuer: 'http://127.0.0.1:4444/',
    });
    const lines: string[] = [];
    for (const event of await folder.store.readAll(undefined, samples)) {
      const record = event.type.startsWith('$') ? undefined : await map(event);
      if (record !== undefined) lines.push(lineOf(record));
    }
    await writeFile(file, lines.join('\n'));
    return { file, meanBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / lines.length };
  } finally {
    await folder.close();
  }
}

function lineOf({ key, headers, value }: LogRecord): string {
  return [key, ...Object.entries(headers).flat(), value].join('');
}

/**
 * What Kafka's own tool sends: `acks=all`, gzip, all else as it comes.
 *
 * @param run.transactionMs commits as often; no transactions when not given
 * @returns records a second
 */
export async function producerPerformance(
  brokers: readonly string[],
  topic: string,
  run: { payloads: Payloads; records: number; transactionMs?: number },
): Promise<number> {
  const { payloads, records, transactionMs } = run;
  const output = await runJava(
    'org.apache.kafka.tools.ProducerPerformance',
    [
      ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--throughput', '-1'],
      ...['--num-records', String(records), '--payload-file', payloads.file],
      ...['--command-property', 'acks=all', 'compression.type=gzip'],
      ...(transactionMs === undefined ? [] : ['--transaction-duration-ms', String(transactionMs)]),
    ],
    { jvm },
  );
  const last = output.trim().split('\n').at(-1) ?? '';
  const rate = /^\d+ records sent, ([\d.]+) records\/sec/.exec(last)?.[1];
  if (rate === undefined) throw new Error(`not what kafka-producer-perf-test says at its end: ${last}`);
  return Number(rate);
}
