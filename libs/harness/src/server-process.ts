import { type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endOf, hasEnded, spawnOwned } from './owned-process.js';
import { projectFolder } from './project-folder.js';

const startTimeoutMs = 60_000;

/** A server of ours in a process of its own, which ends with this one at the latest. */
export type ServerProcess = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything it wrote to stdout and stderr so far. */
  readonly output: () => string;
  /** SIGTERM, and waits for the end. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
};

/** What a program of ours is run with. */
export type ProgramOptions = {
  /** All of its environment but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Pins the process with `taskset`. */
  readonly cpu?: number | undefined;
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Where stdout and stderr go; a pipe to this process when not given. */
  readonly outputFile?: string;
};

/**
 * Starts a built server (`npm run build` first) and waits until what it printed says that it is ready.
 *
 * @param script relative to the folder of what was built
 * @param readyIn what it says about itself once it is ready, `undefined` before
 * @throws Error with what it printed, when it ends or is not ready in time
 */
export async function startServer<Ready>(
  [script, ...args]: readonly [script: string, ...args: string[]],
  options: ProgramOptions,
  readyIn: (output: string) => Ready | undefined,
): Promise<{ server: ServerProcess; ready: Ready }> {
  const { child, output } = spawnProgram([script, ...args], options);
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return endOf(child);
  };
  const deadline = performance.now() + startTimeoutMs;
  let ready = readyIn(output());
  while (ready === undefined) {
    if (hasEnded(child) || performance.now() > deadline) {
      const code = await end('SIGKILL');
      throw new Error(`${script} ended with ${code} instead of starting: ${output()}`);
    }
    await pause(5);
    ready = readyIn(output());
  }
  const stop = (): Promise<number | null> => end('SIGTERM');
  const kill = async (): Promise<void> => void (await end('SIGKILL'));
  return { server: { child, pid: child.pid ?? 0, output, stop, kill }, ready };
}

/** Starts a built program, and keeps what it prints. */
export function spawnProgram(
  [script, ...args]: readonly [script: string, ...args: string[]],
  { env = {}, cpu, nodeOptions = [], outputFile }: ProgramOptions,
): { child: ChildProcess; output: () => string } {
  const command = [process.execPath, ...nodeOptions, join(projectFolder, 'dist', script), ...args];
  const [program = process.execPath, ...rest] =
    cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const file = outputFile === undefined ? undefined : openSync(outputFile, 'a');
  const written = file ?? 'pipe';
  const child = spawnOwned(program, rest, { cwd: tmpdir(), env, stdio: ['ignore', written, written] });
  if (file !== undefined) closeSync(file);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = (): string =>
    outputFile === undefined ? Buffer.concat(chunks).toString('utf8') : readFileSync(outputFile, 'utf8');
  return { child, output };
}
