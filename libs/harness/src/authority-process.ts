import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawnOwned } from './owned-process.js';
import { projectFolder } from './project-folder.js';
import { type ProgramOptions, type ServerProcess, spawnProgram, startServer } from './server-process.js';
import { TcpRelay } from './tcp-relay.js';

const script = 'apps/authority/src/main.js';
const launcher = join(projectFolder, 'bin/hydrant.mjs');
const commandTimeoutMs = 30_000;

/** A built authority in a process of its own. URLs have no trailing slash. */
export type AuthorityProcess = ServerProcess & {
  readonly adminUrl: string;
  readonly publicUrl: string;
  /** The public listener itself, with nothing in between: for tests that are about connections. Its issuer is `publicUrl` all the same. */
  readonly publicListenerUrl: string;
  readonly dataDir: string;
};

/** Addresses that stay the same while authorities come and go behind them. */
export type HeldAddresses = { readonly admin: TcpRelay; readonly public: TcpRelay };

/** What a command printed and how it ended. */
export type CommandResult = { readonly code: number | null; readonly output: string };

/** The same, with what it printed apart. */
export type HydrantResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A folder that is gone when the returned function was called. */
export async function scratchFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** For authorities of one test that follow one another. */
export async function holdAddresses(): Promise<HeldAddresses> {
  return { admin: await TcpRelay.listen(), public: await TcpRelay.listen() };
}

/**
 * Starts the built authority (`npm run build` first) and waits until it is ready. It binds ports the system chooses. Its issuer has to be
 * known before and to be reached, so that the public listener is reached through a port that is held for it.
 *
 * @param env on top of a small environment
 * @param addresses to be reached at, held by the caller
 */
export async function startAuthority(
  dataDir: string,
  env: Record<string, string> = {},
  addresses?: HeldAddresses,
): Promise<AuthorityProcess> {
  const held = addresses?.public ?? (await TcpRelay.listen());
  const publicUrl = `http://localhost:${held.port}`;
  const issuer = { URLS_SELF_ISSUER: publicUrl };
  const { server, ports } = await startOnAnyPorts({ env: { ...issuer, DATA_DIR: dataDir, ...env } });
  addresses?.admin.up(ports.admin);
  held.up(ports.public);
  const letGo = async (): Promise<void> => {
    addresses?.admin.down();
    if (addresses === undefined) await held.close();
    else held.down();
  };
  return {
    ...server,
    adminUrl: `http://127.0.0.1:${addresses?.admin.port ?? ports.admin}`,
    publicUrl,
    publicListenerUrl: `http://127.0.0.1:${ports.public}`,
    dataDir,
    stop: async () => {
      const code = await server.stop();
      await letGo();
      return code;
    },
    kill: async () => {
      await server.kill();
      await letGo();
    },
  };
}

/**
 * Starts the built authority on ports the system chooses, with nothing in between. Nobody can be sent to its issuer, unless the
 * environment names one that is reached.
 */
export async function startOnAnyPorts(
  options: ProgramOptions,
): Promise<{ server: ServerProcess; ports: { admin: number; public: number } }> {
  const ours = { SERVE_PUBLIC_PORT: '0', SERVE_ADMIN_PORT: '0', LOG_FORMAT: 'json' };
  const env = { ...ours, ...options.env };
  const { server, ready } = await startServer([script, 'serve', 'all'], { ...options, env }, portsIn);
  return { server, ports: ready };
}

/** Runs a command of the built program to its end: `runAuthority(['version'])`. */
export async function runAuthority(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
  const { child, output } = spawnProgram([script, ...args], { env });
  const timer = setTimeout(() => child.kill('SIGKILL'), commandTimeoutMs);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, output: output() };
}

/** Runs `hydrant <args>` as people do, by its launcher, to its end; with `stdin` piped into it. */
export async function runHydrant(
  args: readonly string[],
  env: Record<string, string> = {},
  stdin = '',
): Promise<HydrantResult> {
  const child = spawnOwned(process.execPath, [launcher, ...args], {
    ...{ cwd: tmpdir(), env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => undefined).end(stdin); // most commands end without having read it
  const [stdout, stderr] = [text(child.stdout!), text(child.stderr!)];
  const timer = setTimeout(() => child.kill('SIGKILL'), commandTimeoutMs);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, stdout: await stdout, stderr: await stderr };
}

/** The ports the line says that tells it is ready. */
function portsIn(output: string): { admin: number; public: number } | undefined {
  const line = /^.*"hydrant is ready".*$(?=\n)/m.exec(output)?.[0];
  if (line === undefined) return undefined;
  const urls = JSON.parse(line) as { admin: string; public: string };
  return { admin: portOf(urls.admin), public: portOf(urls.public) };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
