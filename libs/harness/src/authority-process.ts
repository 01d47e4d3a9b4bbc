import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const main = join(root, 'dist/apps/authority/src/main.js');
const launcher = join(root, 'bin/hydrant.mjs');
const startTimeoutMs = 30_000;

/** A built authority in a process of its own. URLs have no trailing slash. */
export type AuthorityProcess = {
  readonly adminUrl: string;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Everything it wrote to stdout and stderr so far. */
  readonly output: () => string;
  /** SIGTERM, and waits for the end. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
};

/** What a command printed and how it ended. */
export type CommandResult = { readonly code: number | null; readonly output: string };

/** The same, with what it printed apart. */
export type HydrantResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A folder that is gone when the returned function was called. */
export async function scratchFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * Starts the built authority (`npm run build` first) and waits until it is ready.
 *
 * @param env on top of a small environment; ports are free ones unless named
 */
export async function startAuthority(dataDir: string, env: Record<string, string> = {}): Promise<AuthorityProcess> {
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const ports = { SERVE_PUBLIC_PORT: String(publicPort), SERVE_ADMIN_PORT: String(adminPort) };
  const { child, output } = spawnAuthority(['serve', 'all'], {
    ...ports,
    DATA_DIR: dataDir,
    LOG_FORMAT: 'json',
    ...env,
  });
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ready after ${startTimeoutMs} ms: ${output()}`)),
      startTimeoutMs,
    );
    const look = (): void => {
      if (!output().includes('hydrant is ready')) return;
      child.stdout?.off('data', look);
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code} instead of starting: ${output()}`));
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return {
    adminUrl: `http://127.0.0.1:${env.SERVE_ADMIN_PORT ?? adminPort}`,
    publicUrl: `http://localhost:${env.SERVE_PUBLIC_PORT ?? publicPort}`,
    dataDir,
    child,
    output,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}

/** Runs a command of the built program to its end: `runAuthority(['version'])`. */
export async function runAuthority(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
  const { child, output } = spawnAuthority(args, env);
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
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
  const child = spawn(process.execPath, [launcher, ...args], {
    ...{ cwd: tmpdir(), env: { PATH: process.env.PATH ?? '', ...env } },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end(stdin); // most commands end without having read it
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, stdout: await stdout, stderr: await stderr };
}

function spawnAuthority(
  args: readonly string[],
  env: Record<string, string>,
): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { child, output: () => Buffer.concat(chunks).toString('utf8') };
}
