import { type BackupTrailer, acquireDirectoryLock, openSqliteEventStore, restoreSqliteLog } from '#libs/event-store';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { makeFolder, readModelFileOf } from '../process/open-authority.js';
import { unsealRoot } from '../process/root-key.js';
import { systemSecretsOf } from '../process/system-secret.js';
import { note, print, Progress } from '../terminal/output.js';

/**
 * `hydrant restore`: makes the log of `DATA_DIR` of a backup. A read model that is there was made of another log; it is removed.
 *
 * @throws StoreRefusedError when the folder is in use or has a log, or the backup is not whole; there is no log then
 */
export async function restore(configuration: Configuration, file: string): Promise<void> {
  const { dataDir } = configuration;
  const bytes = file === '-' ? undefined : statSync(file).size;
  makeFolder(dataDir);
  const lock = acquireDirectoryLock(dataDir);
  try {
    const trailer = await restored(dataDir, { file, bytes });
    const readModel = readModelFileOf(dataDir);
    for (const suffix of ['', '-wal', '-shm']) rmSync(readModel + suffix, { force: true });
    print(
      `restored ${trailer.events} events up to position ${trailer.position}, as of ${trailer.takenAt}, to ${dataDir}`,
    );
    note(await aboutTheSecret(configuration));
    note('the read model is made anew at the next start');
    note(`nothing after position ${trailer.position} is there: what to look after is in docs/operations.md`);
  } finally {
    lock.release();
  }
}

type Source = { readonly file: string; readonly bytes: number | undefined };

async function restored(dataDir: string, { file, bytes }: Source): Promise<BackupTrailer> {
  const bar = bytes === undefined ? undefined : new Progress('bytes', bytes);
  try {
    return await restoreSqliteLog({
      directory: dataDir,
      input: file === '-' ? process.stdin : createReadStream(file),
      progress: (received) => bar?.show(received, received),
      checking: () => {
        bar?.end();
        note('everything is there; checking it');
      },
    });
  } finally {
    bar?.end();
  }
}

/** Whether the next start will be able to open what was restored. */
async function aboutTheSecret(configuration: Configuration): Promise<string> {
  const store = openSqliteEventStore(configuration.dataDir);
  try {
    await unsealRoot(store, await systemSecretsOf(configuration, store));
    return 'the system secret that is configured, or in the folder, opens it';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return `before the next start, give the system secret of the time of the backup (SECRETS_SYSTEM, or the file ${join(configuration.dataDir, 'system-secret')}): ${error.message}`;
  } finally {
    await store.close();
  }
}
