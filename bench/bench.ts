import { type ServerProcess, startServer } from '#libs/harness';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchOnEventStoreDb } from './eventstoredb-bench.js';
import { type Fixture, type HttpCase, httpCases, prepare } from './http-cases.js';
import { type Target, keepAlive } from './http-exchange.js';
import { type Sample, medianOf } from './load.js';
import { cpuClock, startAuthority } from './measured-authority.js';
import { type Replay, replayHistory, replayMachineTokens } from './replay-rates.js';
import { comparisonHead, comparisonRow, table, whole } from './report.js';
import { appendRate } from './store-rates.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    store: { type: 'string', default: 'sqlite' },
    connections: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const connections = Number(options.connections ?? (options.store === 'esdb' ? 32 : 50));
/** More login requests than any machine accepts in a round. */
const acceptsPerSecond = 4000;
const pace = {
  ...(options.quick
    ? { rounds: 1, seconds: 1, warmUpSeconds: 0.5, historyEvents: 20_000 }
    : { rounds: 3, seconds: 2.5, warmUpSeconds: 1, historyEvents: 200_000 }),
  ...(options.rounds === undefined ? {} : { rounds: Number(options.rounds) }),
  ...(options.seconds === undefined ? {} : { seconds: Number(options.seconds) }),
};
const esdbUrl = process.env['EVENTSTOREDB_URL'] ?? '';
if (options.store !== 'sqlite' && options.store !== 'esdb') stop('--store is sqlite or esdb');
if (options.store === 'esdb' && esdbUrl === '')
  stop('EVENTSTOREDB_URL must name a server: esdb://127.0.0.1:2113?tls=false');
const cpus = options.store === 'esdb' ? undefined : pinned(); // an EventStoreDB runs on cores that are not ours to choose

const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1); // and the servers with it
  });
}
try {
  const { only, profile } = options;
  if (options.store === 'sqlite') await benchEmbedded(folder);
  else await benchOnEventStoreDb({ folder, url: esdbUrl, connections, pace, only, profile });
} finally {
  await rm(folder, { recursive: true, force: true });
}

function stop(problem: string): never {
  console.error(problem);
  process.exit(1);
}

async function benchEmbedded(folder: string): Promise<void> {
  const dataDir = join(folder, 'authority');
  console.log(
    `${connections} connections, ${pace.rounds} rounds of ${pace.seconds} s a server, medians; log level info, JSON, to a file; ` +
      (cpus === undefined ? 'not pinned to cores' : `servers on core ${cpus.servers}, load on core ${cpus.load}`),
  );
  const { fixture, peakMb } = await benchHttp(folder, dataDir);
  if (options.only !== undefined) return;
  await benchAppends(folder);
  const machineTokens = await replayMachineTokens(join(folder, 'machine'), pace.historyEvents);
  const mixed = await replayHistory(dataDir, pace.historyEvents, fixture.journey);
  console.log(
    `\n${table([
      ['replay', 'events', 'per second', 'per CPU second'],
      replayRow('client_credentials tokens', machineTokens),
      replayRow('the mixed history of this run', mixed),
    ])}\n\npeak memory of the authority: ${peakMb} MB`,
  );
}

async function benchHttp(folder: string, dataDir: string): Promise<{ fixture: Fixture; peakMb: number }> {
  const agent = keepAlive(connections);
  const env = { DATA_DIR: dataDir };
  const authority = await startAuthority({ folder, env, cpu: cpus?.servers, profile: options.profile });
  const { hydrant } = authority;
  try {
    const fixture = await prepare(agent, hydrant);
    const bare = await startBare(folder, fixture);
    try {
      const cases = httpCases(fixture, { agent, connections, acceptsPerSecond });
      const chosen = cases.filter(({ name }) => options.only === undefined || name.includes(options.only));
      const rows = [comparisonHead('bare')];
      for (const each of chosen) rows.push(await compare(each, hydrant, bare.target));
      console.log(`\n${table(rows)}\n`);
    } finally {
      await bare.process.stop();
    }
    return { fixture, peakMb: await peakMemoryMb(authority.process.pid) };
  } finally {
    agent.destroy();
    await authority.process.stop();
  }
}

/** Both are warmed up, then take turns, so that what else the machine does hits both. */
async function compare(each: HttpCase, hydrant: Target, bare: Target): Promise<string[]> {
  for (const target of [bare, hydrant]) await each.run(target, pace.warmUpSeconds);
  const samples: Record<Target['name'], Sample[]> = { bare: [], hydrant: [] };
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const target of [bare, hydrant]) samples[target.name].push(await each.run(target, pace.seconds));
  }
  return comparisonRow(each, medianOf(samples.hydrant), medianOf(samples.bare));
}

async function benchAppends(folder: string): Promise<void> {
  const rows = [['durable appends', 'per second', 'CPU us', 'p50/p99 ms']];
  for (const inFlight of [1, 50, 200]) {
    const { perSecond, cpuUs, p50Ms, p99Ms } = await appendRate(folder, inFlight, pace.seconds);
    rows.push([`${inFlight} in flight`, whole(perSecond), cpuUs.toFixed(1), `${p50Ms.toFixed(2)}/${p99Ms.toFixed(2)}`]);
  }
  console.log(table(rows));
}

function replayRow(name: string, { events, seconds, cpuSeconds }: Replay): string[] {
  return [name, whole(events), whole(events / seconds), whole(events / cpuSeconds)];
}

async function startBare(folder: string, { answers }: Fixture): Promise<{ process: ServerProcess; target: Target }> {
  const file = join(folder, 'answers.json');
  await writeFile(file, JSON.stringify(answers));
  const options = { env: { NODE_ENV: 'production' }, outputFile: join(folder, 'bare.log'), cpu: cpus?.servers };
  const { server, ready: url } = await startServer(['bench/bare-server.js', file], options, (output) =>
    output.endsWith('\n') ? output.trim() : undefined,
  );
  return { process: server, target: { name: 'bare', adminUrl: url, publicUrl: url, cpuUs: cpuClock(server.pid) } };
}

/** Puts this process, the load, on a core of its own, where the system can. */
function pinned(): { servers: number; load: number } | undefined {
  if (availableParallelism() < 2) return undefined;
  const moved = spawnSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' });
  return moved.status === 0 ? { servers: 0, load: 1 } : undefined;
}

async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024);
}
