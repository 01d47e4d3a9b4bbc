import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreRefusedError } from '../errors.js';
import { acquireDirectoryLock } from './directory-lock.js';

describe('acquireDirectoryLock', () => {
  let parent: string;
  let directory: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'directory-lock-'));
    directory = join(parent, 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it('refuses a second holder until the first releases', () => {
    const lock = acquireDirectoryLock(directory);
    expect(() => acquireDirectoryLock(directory)).toThrow(StoreRefusedError);
    expect(() => acquireDirectoryLock(directory)).toThrow(`${directory} is in use by another Hydrant process`);
    lock.release();
    lock.release();
    acquireDirectoryLock(directory).release();
  });

  it('is held across processes, and ends when its process is killed', async () => {
    acquireDirectoryLock(directory).release(); // makes the folder
    const holder = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '-e',
      `const db = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(join(directory, 'lock.db'))});
       db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1e6);`,
    ]);
    await once(holder.stdout, 'data');
    expect(() => acquireDirectoryLock(directory)).toThrow(StoreRefusedError);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    acquireDirectoryLock(directory).release();
  });
});
