import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KafkaConnection, createTopic, ensureTopics, topics } from '#libs/fan-out';
import { KafkaCluster, endOf, spawnProgram } from '#libs/harness';
import { CommittedReader } from './committed-reader.js';
import { writeEvidence } from './evidence.js';
import { median } from './load.js';
import { type Acknowledgement, type RelayMeasurement } from './measured-relay.js';
import { type Payloads, payloadsOf, producerPerformance } from './producer-performance.js';
import { table, verdict, whole } from './report.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    events: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
});
const pace = {
  rounds: Number(options.rounds ?? (options.quick ? 1 : 3)),
  events: Number(options.events ?? (options.quick ? 20_000 : 200_000)),
  seconds: Number(options.seconds ?? (options.quick ? 3 : 10)),
};
/** About as long as the relay's own transactions take while it catches up. */
const transactionMs = 100;
const targets = { catchUpShare: 0.5, p99Ms: 250 };
const made = { partitions: 6, replication: 1, minInsyncReplicas: 1, retentionMs: -1 } as const;

const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1); // and what it started with it
  });
}
const caughtUp = { DATA_DIR: join(folder, 'whole'), LOG_LEVEL: 'error' };
const growing = { DATA_DIR: join(folder, 'growing'), LOG_LEVEL: 'error' };
let topicsMade = 0;
try {
  const cluster = await KafkaCluster.start();
  try {
    await bench(cluster.addresses);
  } finally {
    await cluster.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Delay = { readonly measured: RelayMeasurement; readonly p50Ms: number; readonly p99Ms: number };
type Samples = {
  readonly plain: number[];
  readonly transactional: number[];
  readonly catchUp: RelayMeasurement[];
  readonly live: RelayMeasurement[];
  readonly delay: Delay[];
};

/** Each round has all of them, one after the other. */
async function bench(brokers: readonly string[]): Promise<void> {
  await writeEvidence(caughtUp, pace.events);
  await writeEvidence(growing, 1_000);
  const payloads = await payloadsOf(caughtUp, join(folder, 'payloads.txt'));
  console.log(
    `${pace.rounds} rounds, a log of ${whole(pace.events)} events, ${pace.seconds} s live, records of ` +
      `${whole(payloads.meanBytes)} bytes, ${made.partitions} partitions a topic, gzip, acks=all; load before: ${load()}`,
  );
  const samples: Samples = { plain: [], transactional: [], catchUp: [], live: [], delay: [] };
  for (let round = 0; round < pace.rounds; round += 1) await oneRound(brokers, payloads, samples);
  if (samples.catchUp.length + samples.live.length > 0) console.log(`\n${rates(samples)}`);
  if (samples.delay.length > 0) console.log(`\n${delays(samples)}`);
  console.log(`\nload after: ${load()}`);
}

async function oneRound(brokers: readonly string[], payloads: Payloads, samples: Samples): Promise<void> {
  if (chosen('catch-up')) {
    const records = Math.round(pace.events / 2);
    samples.plain.push(await perfTest(brokers, { payloads, records }));
    samples.catchUp.push(await relay('catch-up', brokers, { ...caughtUp, KAFKA_TOPIC_PREFIX: newPrefix() }));
    samples.transactional.push(await perfTest(brokers, { payloads, records, transactionMs }));
  }
  const now = { ...growing, KAFKA_START: 'now' };
  if (chosen('live')) samples.live.push(await relay('live', brokers, { ...now, KAFKA_TOPIC_PREFIX: newPrefix() }));
  if (chosen('delay')) samples.delay.push(await delay(brokers, { ...now, KAFKA_TOPIC_PREFIX: newPrefix() }));
}

function chosen(name: string): boolean {
  return name.includes(options.only);
}

function newPrefix(): string {
  topicsMade += 1;
  return `bench-${topicsMade}.`;
}

/** On a topic of its own, made as the relay makes its own. */
async function perfTest(
  brokers: readonly string[],
  run: { payloads: Payloads; records: number; transactionMs?: number },
): Promise<number> {
  const topic = `${newPrefix()}perf`;
  await createTopic(new KafkaConnection({ brokers, clientId: 'bench' }), topic, made);
  return producerPerformance(brokers, topic, run);
}

async function relay(
  mode: 'catch-up' | 'live' | 'paced',
  brokers: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RelayMeasurement> {
  const { profile } = options;
  const { child, output } = spawnProgram(
    ['bench/measured-relay.js', mode, String(pace.seconds), join(folder, 'acknowledged.json')],
    {
      env: {
        ...{ NODE_ENV: 'production', KAFKA_BROKERS: brokers.join(','), ...env },
        ...{ KAFKA_PARTITIONS: String(made.partitions), KAFKA_REPLICATION: String(made.replication) },
      },
      nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    },
  );
  const code = await endOf(child);
  if (code !== 0) throw new Error(`the relay ended with ${code}: ${output()}`);
  return JSON.parse(output().trim().split('\n').at(-1) ?? '') as RelayMeasurement;
}

/** From when an append is acknowledged to when a reader of committed records has the event. */
async function delay(brokers: readonly string[], env: Readonly<Record<string, string>>): Promise<Delay> {
  const prefix = env['KAFKA_TOPIC_PREFIX'] ?? '';
  await ensureTopics(new KafkaConnection({ brokers, clientId: 'bench' }), { ...made, prefix, topics });
  const names = topics.map((topic) => prefix + topic);
  const reader = await CommittedReader.follow(brokers, names);
  const measured = await relay('paced', brokers, env);
  await reader.quiet();
  await reader.close();
  const file = await readFile(join(folder, 'acknowledged.json'), 'utf8');
  const waited = (JSON.parse(file) as Acknowledgement[])
    .flatMap(([id, atMs]) => (reader.arrivals.has(id) ? [reader.arrivals.get(id)! - atMs] : []))
    .sort((a, b) => a - b);
  if (waited.length === 0) throw new Error('nothing arrived');
  const at = (share: number): number => waited[Math.floor(waited.length * share)] ?? 0;
  return { measured, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function rates({ plain, transactional, catchUp, live }: Samples): string {
  const rate = ({ published, seconds }: RelayMeasurement): number => published / seconds;
  const share = (of: readonly number[], target?: number): string[] =>
    verdict(median(of.map((each, round) => each / (plain[round] ?? NaN))), target);
  const row = (name: string, of: readonly RelayMeasurement[], target?: number): string[] => [
    ...[name, whole(median(of.map(rate)))],
    ...[whole(median(of.map(({ events, seconds }) => events / seconds))), ...share(of.map(rate), target)],
    ...[whole(median(of.map(({ cpuUs, events }) => cpuUs / events)))],
    ...[whole(median(of.map(({ cpuUs, published }) => cpuUs / published)))],
    whole(Math.max(...of.map(({ peakMiB }) => peakMiB))),
  ];
  const perf = (name: string, of: readonly number[]): string[] => [
    ...[name, whole(median(of)), '', ...share(of), '', '', ''],
  ];
  return table([
    ['', 'records/s', 'events/s', 'of plain', 'target', 'CPU us/event', 'CPU us/record', 'peak MiB'],
    ...(plain.length === 0 ? [] : [perf('kafka-producer-perf-test', plain)]),
    ...(transactional.length === 0 ? [] : [perf(`  in transactions of ${transactionMs} ms`, transactional)]),
    ...(catchUp.length === 0 ? [] : [row('relay, catching up', catchUp, targets.catchUpShare)]),
    ...(live.length === 0 ? [] : [row('relay, while events are appended', live)]),
  ]);
}

function delays({ delay: of }: Samples): string {
  const p99Ms = median(of.map((each) => each.p99Ms));
  const cpuUs = median(of.map(({ measured: { cpuUs: us, events } }) => us / events));
  return table([
    ['from acknowledged append to committed reader', 'p50 ms', 'p99 ms', 'target', 'CPU us/event'],
    [
      ...['at 1,000 events a second', median(of.map((each) => each.p50Ms)).toFixed(0), p99Ms.toFixed(0)],
      ...[`${p99Ms < targets.p99Ms ? 'below' : 'not below'} ${targets.p99Ms} ms`, whole(cpuUs)],
    ],
  ]);
}

function load(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
}
