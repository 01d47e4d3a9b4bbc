import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerProcess, freeAuthorityPorts, startServer } from '../demo/server-process.js';
import { type Target } from './http-exchange.js';
import { type CpuClock } from './load.js';

export type MeasuredAuthority = { readonly process: ServerProcess; readonly hydrant: Target };

/**
 * Starts the authority as it was built, logging at level info, as JSON, to a file in `folder`.
 *
 * @param options.env settings beside those; `cpu` pins it to a core; `profile` is a folder for its .cpuprofile
 */
export async function startAuthority(options: {
  folder: string;
  env: Readonly<Record<string, string>>;
  cpu?: number | undefined;
  profile?: string | undefined;
}): Promise<MeasuredAuthority> {
  const { folder, cpu, profile } = options;
  const { adminUrl, publicUrl, env } = await freeAuthorityPorts();
  const server = await startServer({
    script: 'apps/authority/src/main.js',
    args: ['serve', 'all'],
    env: { ...env, NODE_ENV: 'production', LOG_LEVEL: 'info', LOG_FORMAT: 'json', ...options.env },
    readyUrl: `${adminUrl}/health/ready`,
    outputFile: join(folder, 'authority.log'),
    cpu,
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
  const reachable = { adminUrl, publicUrl: publicUrl.replace('localhost', '127.0.0.1') };
  return { process: server, hydrant: { name: 'hydrant', ...reachable, cpuUs: cpuClock(server.pid) } };
}

/** User and system time of a process in microseconds, in steps of 10 ms. */
export function cpuClock(pid: number): CpuClock {
  return () => {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
    const [user = '0', system = '0'] = afterName.split(' ').slice(11);
    return (Number(user) + Number(system)) * 10_000;
  };
}
