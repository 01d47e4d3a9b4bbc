import autocannon, { type Client, type Request } from 'autocannon';

/** What one round measured. `cpuUs`: microseconds of processor time the server spent on each. */
export type Sample = {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** The processor time the server has used so far. */
export type CpuClock = () => number;

type Load = { readonly url: string; readonly connections: number; readonly cpuUs: CpuClock };

/** Sends the same request for some seconds. @throws Error when an answer was an error */
export async function repeatedly(load: Load & { request: Request; seconds: number }): Promise<Sample> {
  const { url, connections, request, seconds, cpuUs } = load;
  const cpuBefore = cpuUs();
  const result = await autocannon({ url, connections, duration: seconds, requests: [request] });
  refuseErrors(result, url);
  const { requests, duration, latency } = result;
  const cpu = (cpuUs() - cpuBefore) / requests.total;
  return { perSecond: requests.total / duration, cpuUs: cpu, p50Ms: latency.p50, p99Ms: latency.p99 };
}

/** Sends each of the requests once. @throws Error when an answer was an error */
export async function once(
  load: Load & {
    requests: readonly Request[];
    /** The answers are redirects. */
    redirects?: boolean;
  },
): Promise<Sample> {
  const { url, requests, cpuUs } = load;
  const connections = Math.min(load.connections, requests.length);
  const share = Math.floor(requests.length / connections);
  let given = 0;
  const setupClient = (client: Client): void => {
    client.setRequests(requests.slice(given, given + share));
    given += share;
  };
  const cpuBefore = cpuUs();
  const startedAt = performance.now();
  let lastAt = startedAt;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(
      { url, connections, amount: share * connections, setupClient },
      (error: unknown, done) => (error instanceof Error ? reject(error) : resolve(done)),
    );
    running.on('response', () => (lastAt = performance.now()));
  });
  refuseErrors(load.redirects === true ? { ...result, non2xx: result.non2xx - result['3xx'] } : result, url);
  const count = share * connections;
  const perSecond = (count * 1000) / (lastAt - startedAt);
  return { perSecond, cpuUs: (cpuUs() - cpuBefore) / count, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** Runs a task over and over on so many lanes for some seconds; `perSecond` counts tasks. */
export async function onLanes(
  { lanes, seconds, cpuUs }: { lanes: number; seconds: number; cpuUs: CpuClock },
  task: () => Promise<unknown>,
): Promise<Sample> {
  const cpuBefore = cpuUs();
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const tookMs: number[] = [];
  const lane = async (): Promise<void> => {
    for (let now = performance.now(); now < until;) {
      await task();
      const after = performance.now();
      tookMs.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const elapsedMs = performance.now() - startedAt;
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? 0;
  const cpu = (cpuUs() - cpuBefore) / tookMs.length;
  return { perSecond: (tookMs.length * 1000) / elapsedMs, cpuUs: cpu, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The median of each number by itself. */
export function medianOf(samples: readonly Sample[]): Sample {
  return {
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    cpuUs: median(samples.map(({ cpuUs }) => cpuUs)),
    p50Ms: median(samples.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(samples.map(({ p99Ms }) => p99Ms)),
  };
}

/** Of an even number the upper one of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function refuseErrors({ errors, non2xx, statusCodeStats }: autocannon.Result, url: string): void {
  if (errors === 0 && non2xx === 0) return;
  throw new Error(`${url}: ${errors} errors, ${non2xx} bad answers: ${JSON.stringify(statusCodeStats)}`);
}
