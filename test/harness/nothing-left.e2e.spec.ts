import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { endOf, spawnOwned, until } from '#libs/harness';
import { blockFolder } from '#libs/testing';

/** Run as a program of its own, which starts what the harness starts and says its process ids. */
const starter = `
  import { spawnOwned, startAuthority } from '${new URL('../../dist/libs/harness/src/index.js', import.meta.url).href}';
  const authority = await startAuthority(process.argv[1]);
  const stopped = await startAuthority(process.argv[1] + '-stopped');
  process.kill(stopped.pid, 'SIGSTOP');
  const parent = spawnOwned('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  parent.stdout.on('data', (grandchild) => console.log(authority.pid, stopped.pid, parent.pid, Number(grandchild)));
  setInterval(() => undefined, 1000);
`;

describe('what the harness starts', () => {
  const folder = blockFolder();

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'ends with the process that started it, also by %s, also when it does not run or has children',
    async (signal) => {
      const running = spawn(process.execPath, ['--input-type=module', '--eval', starter, join(folder.path, signal)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const started = (await printed(running)).split(' ').map(Number);
      expect(started.map(isThere)).toEqual([true, true, true, true]);
      running.kill(signal);
      await endOf(running);
      await until('nothing is left', async () => !started.some(isThere), 20_000);
    },
    60_000,
  );

  it('keeps its process id, its output and its exit code', async () => {
    const child = spawnOwned('/bin/sh', ['-c', 'echo $$; exit 7'], { stdio: ['ignore', 'pipe', 'ignore'] });
    expect(Number(await printed(child))).toBe(child.pid);
    expect(await endOf(child)).toBe(7);
  });
});

/** The first line it prints. */
function printed({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text);
    });
  });
}

/** A process that has ended and that nobody has asked about (a zombie) is not there. */
function isThere(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
