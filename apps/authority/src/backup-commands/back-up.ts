import { type BackupTrailer, backUpSqliteLog } from '#libs/event-store';
import { closeSync, createReadStream, existsSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Clock } from '../commands/clock.js';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { note, Progress, print } from '../terminal/output.js';

/** What ends the process early; what was made until then is removed first. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `hydrant backup`: the log of `DATA_DIR` into a file that is not there yet, or `-` for stdout. It asks for no lock.
 *
 * @throws ConfigurationError when there is a file already, or stdout is a terminal
 */
export async function backUp({ dataDir }: Configuration, file: string): Promise<void> {
  if (file === '-') return toStdout(dataDir);
  const unfinished = `${file}.partial`;
  refuseToOverwrite(file);
  refuseToOverwrite(unfinished, 'another backup writes it, or was killed: delete it');
  closeSync(openSync(unfinished, 'wx'));
  await removedAfterwards(unfinished, async () => {
    const trailer = await copied(dataDir, unfinished);
    refuseToOverwrite(file);
    renameSync(unfinished, file);
    print(`${summary(trailer)}, to ${file}`);
    noteTheSecret();
  });
}

/** A copy in the folder for temporary files (`TMPDIR`) first: only then it is known what a stream of it has to end with. */
async function toStdout(dataDir: string): Promise<void> {
  if (process.stdout.isTTY)
    throw new ConfigurationError('stdout is a terminal: name a file, or lead it into a program');
  const folder = mkdtempSync(join(tmpdir(), 'hydrant-backup-'));
  await removedAfterwards(folder, async () => {
    const file = join(folder, 'events.db');
    const trailer = await copied(dataDir, file);
    await pipeline(createReadStream(file), process.stdout);
    note(`${summary(trailer)}, to stdout`);
    noteTheSecret();
  });
}

async function copied(dataDir: string, file: string): Promise<BackupTrailer> {
  const clock = new Clock();
  let bar: Progress | undefined;
  try {
    return await backUpSqliteLog({
      ...{ directory: dataDir, file, clock: () => clock.now() },
      progress: (pages, total) => (bar ??= new Progress('pages', total)).show(pages, pages),
      checking: () => {
        bar?.end();
        note('everything is copied; checking the copy');
      },
    });
  } finally {
    bar?.end();
  }
}

function summary({ events, position, bytes, sha256 }: BackupTrailer): string {
  return `backed up ${events} events up to position ${position}, ${bytes} bytes, sha256 ${sha256}`;
}

function noteTheSecret(): void {
  note('the system secret is not in it: keep SECRETS_SYSTEM, or the file system-secret, somewhere else');
}

/** @throws ConfigurationError */
function refuseToOverwrite(file: string, otherwise = 'choose another name'): void {
  if (existsSync(file)) throw new ConfigurationError(`${file} is there already: ${otherwise}`);
}

async function removedAfterwards(path: string, act: () => Promise<void>): Promise<void> {
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  const end = (): void => {
    remove();
    process.exit(1);
  };
  for (const signal of endings) process.on(signal, end);
  try {
    await act();
  } finally {
    remove();
    for (const signal of endings) process.off(signal, end);
  }
}
