import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '#libs/harness';
import { blockFolder } from '#libs/testing';

const root = join(import.meta.dirname, '../..');

describe('npm start, under a supervisor', () => {
  const folder = blockFolder();
  let npm: ChildProcess | undefined;

  afterEach(() => {
    if (npm !== undefined && hasMembers(npm)) process.kill(-npm.pid!, 'SIGKILL');
  });

  it('ends with everything it started when npm is sent SIGTERM', async () => {
    // what `prestart` builds is there, or no test of this folder would run
    npm = spawn('npm', ['run', 'start', '--ignore-scripts'], {
      cwd: root,
      detached: true, // a process group of its own: what npm starts is in it
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder.path,
        DATA_DIR: folder.path,
        SERVE_ADMIN_PORT: '0',
        SERVE_PUBLIC_PORT: '0',
        LOG_FORMAT: 'text',
      },
    });
    let output = '';
    npm.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('it is ready', async () => output.includes('hydrant is ready'), 25_000);
    const ports = [...output.matchAll(/(?:admin|public)=http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    expect(await Promise.all(ports.map(isOpen))).toEqual([true, true]);

    npm.kill('SIGTERM');
    await once(npm, 'exit');

    expect(hasMembers(npm)).toBe(false);
    expect(await Promise.all(ports.map(isOpen))).toEqual([false, false]);
  });
});

/** Whether a process of the group that `leader` began is left. */
function hasMembers(leader: ChildProcess): boolean {
  try {
    return process.kill(-leader.pid!, 0);
  } catch {
    return false;
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
