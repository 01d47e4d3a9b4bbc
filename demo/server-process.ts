import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..');
const startTimeoutMs = 60_000;

/** A server in a process of its own. */
export type ServerProcess = {
  readonly pid: number;
  /** SIGTERM, and waits for the end. It also ends when this process is told to. */
  stop(): Promise<void>;
};

/**
 * `script` is relative to the built program's folder (`dist`); `readyUrl` answers 200 once the server serves. `cpu` pins the process
 * with `taskset`; `nodeOptions` go to Node itself.
 */
export type ServerOptions = {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly readyUrl: string;
  readonly outputFile: string;
  readonly cpu?: number | undefined;
  readonly nodeOptions?: readonly string[];
};

/** The authority's URLs on two free ports, without a slash at the end, and the settings that make it use them. */
export async function freeAuthorityPorts(): Promise<{
  publicUrl: string;
  adminUrl: string;
  env: Readonly<Record<string, string>>;
}> {
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  return {
    publicUrl: `http://localhost:${publicPort}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    env: { SERVE_PUBLIC_PORT: String(publicPort), SERVE_ADMIN_PORT: String(adminPort) },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/**
 * Starts a server and waits until it answers.
 *
 * @throws Error with what it printed, when it ends or does not answer in time
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const child = spawnServer(options);
  const ended = once(child, 'exit');
  const terminate = (): boolean => child.kill('SIGTERM');
  process.on('SIGINT', terminate).on('SIGTERM', terminate);
  const stop = async (): Promise<void> => {
    if (!hasEnded(child)) terminate();
    await ended;
    process.off('SIGINT', terminate).off('SIGTERM', terminate);
  };
  const deadline = performance.now() + startTimeoutMs;
  while (!(await answers(options.readyUrl))) {
    if (hasEnded(child) || performance.now() > deadline) {
      await stop();
      throw new Error(`${options.script} did not start: ${readFileSync(options.outputFile, 'utf8')}`);
    }
    await pause(50);
  }
  if (child.pid === undefined) throw new Error(`${options.script} has no process id`);
  return { pid: child.pid, stop };
}

function spawnServer({ script, args = [], env, outputFile, cpu, nodeOptions = [] }: ServerOptions): ChildProcess {
  const command = [process.execPath, ...nodeOptions, join(dist, script), ...args];
  const [program = process.execPath, ...rest] =
    cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const output = openSync(outputFile, 'a');
  try {
    return spawn(program, rest, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // nobody listens yet
  }
}
