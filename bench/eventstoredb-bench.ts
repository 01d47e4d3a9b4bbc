import { join } from 'node:path';
import { randomHex } from '#libs/crypto';
import { type HttpCase, httpCases, prepare } from './http-cases.js';
import { keepAlive } from './http-exchange.js';
import { type Sample, median, medianOf, onLanes } from './load.js';
import { type MeasuredAuthority, startAuthority } from './measured-authority.js';
import { RawEventStoreDb } from './raw-eventstoredb.js';
import { type Replay, rebuild, timed } from './replay-rates.js';
import { comparisonHead, comparisonRow, table, verdict, whole } from './report.js';
import { ownCpuUs } from './store-rates.js';

/** `url`: of a server that nobody misses, for what is written stays. Rates are those of `connections` requests in flight. */
export type EventStoreDbBench = {
  readonly folder: string;
  readonly url: string;
  readonly connections: number;
  readonly pace: { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number };
  readonly only?: string | undefined;
  readonly profile?: string | undefined;
};

/** What share of the raw client's appends the cases should reach; a client's registration is reported only. */
const targetRatios: Readonly<Record<string, number | undefined>> = {
  'client_credentials token': 1,
  'login accept': 0.6,
  'POST client': undefined,
};
const rebuildTargetRatio = 0.6;
/** Login requests prepared for each second of a round: more than can be accepted in it. */
const acceptsPerSecond = 1500;

type Bench = EventStoreDbBench & { readonly env: Readonly<Record<string, string>>; readonly raw: RawEventStoreDb };

/** Compares commands over HTTP with raw appends, and a rebuild of the read model with a raw read, on one EventStoreDB. */
export async function benchOnEventStoreDb(options: EventStoreDbBench): Promise<void> {
  const { folder, url, connections, pace } = options;
  const run = randomHex(6);
  const raw = new RawEventStoreDb(url, `bench-raw-${run}-`);
  const secret = { SECRETS_SYSTEM: randomHex(16) };
  const env = { EVENT_STORE: url, EVENT_STORE_PREFIX: `bench-${run}.`, DATA_DIR: join(folder, 'authority'), ...secret };
  const bench = { ...options, env, raw };
  console.log(
    `EventStoreDB, ${connections} in flight, ${pace.rounds} rounds of ${pace.seconds} s each, medians; ` +
      'log level info, JSON, to a file; not pinned to cores',
  );
  try {
    await benchCommands(bench);
    if (options.only === undefined) await benchRebuild(bench);
  } finally {
    await raw.close();
  }
}

async function benchCommands({ folder, env, profile, connections, only, pace, raw }: Bench): Promise<void> {
  const agent = keepAlive(connections);
  const authority = await startAuthority({ folder, env, profile });
  try {
    const fixture = await prepare(agent, authority.hydrant);
    const cases = httpCases(fixture, { agent, connections, acceptsPerSecond });
    const chosen = cases.filter(({ name }) => name in targetRatios && name.includes(only ?? ''));
    const rows = [comparisonHead('raw append')];
    for (const each of chosen) rows.push(await compare(each, authority, { raw, connections, pace }));
    console.log(`\n${table(rows)}\n`);
  } finally {
    agent.destroy();
    await authority.process.stop();
  }
}

/** Raw appends and the authority take turns. */
async function compare(
  each: HttpCase,
  { hydrant }: MeasuredAuthority,
  { raw, connections, pace }: Pick<Bench, 'raw' | 'connections' | 'pace'>,
): Promise<string[]> {
  const append = (seconds: number): Promise<Sample> =>
    onLanes({ lanes: connections, seconds, cpuUs: ownCpuUs }, () => raw.append());
  const ask = (seconds: number): Promise<Sample> => each.run(hydrant, seconds);
  await append(pace.warmUpSeconds);
  await ask(pace.warmUpSeconds);
  const samples: { raw: Sample[]; hydrant: Sample[] } = { raw: [], hydrant: [] };
  for (let round = 0; round < pace.rounds; round += 1) {
    samples.raw.push(await append(pace.seconds));
    samples.hydrant.push(await ask(pace.seconds));
  }
  const row = { name: each.name, targetRatio: targetRatios[each.name] };
  return comparisonRow(row, medianOf(samples.hydrant), medianOf(samples.raw));
}

/** Both go through everything the server holds, whoever wrote it. */
async function benchRebuild({ env, folder, pace, raw }: Bench): Promise<void> {
  const samples: { raw: Replay[]; hydrant: Replay[] } = { raw: [], hydrant: [] };
  for (let round = 0; round < pace.rounds; round += 1) {
    samples.raw.push(await timed(() => raw.countEvents()));
    samples.hydrant.push(await rebuild({ ...env, DATA_DIR: join(folder, 'rebuilt') }));
  }
  const rate = (replays: Replay[]): number => median(replays.map(({ events, seconds }) => events / seconds));
  const row = (name: string, replays: Replay[]): string[] => {
    const events = median(replays.map((replay) => replay.events));
    const perCpuSecond = median(replays.map((replay) => replay.events / replay.cpuSeconds));
    return [name, whole(events), whole(rate(replays)), whole(perCpuSecond)];
  };
  console.log(
    table([
      ['everything in the log', 'events', 'per second', 'per CPU second', 'ratio', 'target'],
      [...row('raw read', samples.raw), '', ''],
      [...row('rebuild', samples.hydrant), ...verdict(rate(samples.hydrant) / rate(samples.raw), rebuildTargetRatio)],
    ]),
  );
}
