import { join } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { UnavailableError } from '../errors.js';
import { type BackupTrailer, sealBackup } from './backup-form.js';
import { openDatabaseReadOnly } from './database-file.js';
import { checkCopy, contentOf } from './log-content.js';

/** Between two steps others get their turn, and progress is told: 4 MiB. */
const pagesAtOnce = 1_024;

export type BackUpOptions = {
  /** The folder of the log, whoever writes it meanwhile. */
  readonly directory: string;
  /** Where to: an empty file, or one that is not there. */
  readonly file: string;
  readonly clock: () => Date;
  /** Told how many pages are copied, of how many. */
  readonly progress?: (copied: number, total: number) => void;
  /** Told when everything is copied, and is about to be read again and checked. */
  readonly checking?: () => void;
};

/**
 * Backs up the log `events.db` of a folder as it is at the call, beside whoever writes it: one transaction reads all of it. (A copy that looks
 * anew at each step begins anew whenever another process has written, and never ends under load.) The writer's write-ahead log grows meanwhile.
 * What was copied is checked as it would be before it is restored.
 *
 * @throws StoreRefusedError when there is no log, it is not ours, or damaged
 * @throws UnavailableError when it cannot be copied, for instance because the disk is full
 */
export async function backUpSqliteLog(options: BackUpOptions): Promise<BackupTrailer> {
  const { directory, file, clock, progress, checking } = options;
  const db = openDatabaseReadOnly(join(directory, 'events.db'));
  try {
    db.exec('BEGIN');
    const content = contentOf(db);
    const takenAt = clock();
    await copy(db, file, progress);
    checking?.();
    checkCopy(file, content);
    return sealBackup(file, content, takenAt);
  } finally {
    db.close();
  }
}

async function copy(db: DatabaseSync, file: string, progress: BackUpOptions['progress']): Promise<void> {
  try {
    await backup(db, file, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => progress?.(totalPages - remainingPages, totalPages),
    });
  } catch (error) {
    throw new UnavailableError(`the log cannot be copied to ${file}: ${String(error)}`, { cause: error });
  }
}
