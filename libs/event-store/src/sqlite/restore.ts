import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreRefusedError } from '../errors.js';
import { BackupReader, type BackupTrailer } from './backup-form.js';
import { checkLogHeader, syncDirectory } from './database-file.js';
import { checkCopy } from './log-content.js';

export type RestoreOptions = {
  /** The folder the log comes into; it has none. Hold its lock. */
  readonly directory: string;
  /** The backup, from its first byte to its last. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Told how many bytes have come. */
  readonly progress?: (bytes: number) => void;
  /** Told when everything is there, and is about to be checked. */
  readonly checking?: () => void;
};

/**
 * Makes the log `events.db` of a folder of a backup. It appears under its name when all of it is there, checked and on the disk: whatever
 * happens before leaves no log.
 *
 * @throws StoreRefusedError when there is a log already, or the backup is not whole or not ours
 */
export async function restoreSqliteLog(options: RestoreOptions): Promise<BackupTrailer> {
  const { directory, input, progress, checking } = options;
  const file = join(directory, 'events.db');
  for (const taken of [file, `${file}-wal`]) {
    if (existsSync(taken)) {
      throw new StoreRefusedError(`${taken} is there already: move it away, or choose another DATA_DIR`);
    }
  }
  const unfinished = `${file}.restoring`;
  const descriptor = openSync(unfinished, 'w');
  try {
    const trailer = await receive(input, descriptor, progress);
    checking?.();
    checkLogHeader(unfinished);
    checkCopy(unfinished, trailer);
    fsyncSync(descriptor);
    renameSync(unfinished, file);
    syncDirectory(directory);
    return trailer;
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (!(error instanceof StoreRefusedError)) throw error;
    throw new StoreRefusedError(`the backup cannot be restored: ${error.message}`, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

async function receive(
  input: AsyncIterable<Uint8Array>,
  descriptor: number,
  progress: RestoreOptions['progress'],
): Promise<BackupTrailer> {
  const reader = new BackupReader();
  let bytes = 0;
  for await (const chunk of input) {
    writeAll(descriptor, reader.take(chunk));
    bytes += chunk.length;
    progress?.(bytes);
  }
  return reader.end();
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
