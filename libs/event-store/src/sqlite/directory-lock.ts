import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefusedError } from '../errors.js';

/** The right to be the only process that uses a folder. It ends with `release` or with the process, however that dies. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the exclusive lock on a data folder, creating the folder when absent.
 *
 * It is an exclusive SQLite transaction on `lock.db` there, kept open and never written: the operating system drops it with the process.
 * Nothing else may open that file, as closing any other handle of it in this process would drop the lock too.
 *
 * @throws StoreRefusedError when another holder has it
 */
export function acquireDirectoryLock(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true });
  const db = new DatabaseSync(join(directory, 'lock.db'));
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new StoreRefusedError(
      `${directory} is in use by another Hydrant process: stop that one, or choose another DATA_DIR`,
      { cause: error },
    );
  }
  return { release: () => db.isOpen && db.close() };
}
