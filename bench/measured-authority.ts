import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerProcess, startOnAnyPorts } from '#libs/harness';
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
  const issuer = { URLS_SELF_ISSUER: 'http://issuer.example/' }; // only path and query of its URLs are followed
  const { server, ports } = await startOnAnyPorts({
    env: { NODE_ENV: 'production', LOG_LEVEL: 'info', ...issuer, ...options.env },
    outputFile: join(folder, 'authority.log'),
    cpu,
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
  const urls = { adminUrl: `http://127.0.0.1:${ports.admin}`, publicUrl: `http://127.0.0.1:${ports.public}` };
  return { process: server, hydrant: { name: 'hydrant', ...urls, cpuUs: cpuClock(server.pid) } };
}

/** User and system time of a process in microseconds, in steps of 10 ms. */
export function cpuClock(pid: number): CpuClock {
  return () => {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
    const [user = '0', system = '0'] = afterName.split(' ').slice(11);
    return (Number(user) + Number(system)) * 10_000;
  };
}
