import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Socket } from 'node:net';

/**
 * Becomes the command, after it left a watch behind in the same process group: when file descriptor 3 is closed, by whatever end of
 * the process that holds its other end, the watch kills the group and itself with it.
 */
const ownedCommand = `
  ( read -r end <&3; kill -s KILL -- -$$ ) </dev/null >/dev/null 2>&1 &
  exec "$@" 3<&-`;

export type OwnedOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Of standard input, output and error; ignored unless said otherwise. */
  readonly stdio?: readonly ['ignore' | 'pipe', 'ignore' | 'pipe' | number, 'ignore' | 'pipe' | number];
};

/**
 * Starts a command that cannot outlive this process: it is killed, with everything it started, when this process ends, be it by SIGKILL.
 * Its `pid` is the command's own, and it does not keep this process from ending. Of the environment it gets PATH and `env`.
 */
export function spawnOwned(command: string, args: readonly string[], options: OwnedOptions = {}): ChildProcess {
  const { cwd, env = {}, stdio = ['ignore', 'ignore', 'ignore'] } = options;
  const child = spawn('/bin/sh', ['-c', ownedCommand, 'sh', command, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: [...stdio, 'pipe'] as StdioOptions,
    detached: true, // a process group of its own, which the watch kills
  });
  const hold = child.stdio[3] as Socket;
  hold.on('error', () => undefined); // the watch is gone already
  child.once('exit', () => hold.destroy());
  for (const handle of [child, hold, child.stdout as Socket | null, child.stderr as Socket | null]) handle?.unref();
  return child;
}

/** Waits for the end of a process. Resolves with its exit code, `null` when a signal ended it. */
export async function endOf(child: ChildProcess): Promise<number | null> {
  child.ref();
  if (!hasEnded(child)) await once(child, 'exit');
  return child.exitCode;
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
