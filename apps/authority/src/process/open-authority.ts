import { ClientSecrets, CookieSigner, JwtSigner, type RootKey, uuidV7 } from '#libs/crypto';
import {
  type DirectoryLock,
  type EventCodec,
  EventLog,
  type EventStore,
  acquireDirectoryLock,
} from '#libs/event-store';
import { ReadModel } from '#libs/read-model';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Clock } from '../commands/clock.js';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { type OpenLog, openEventStore, readable } from './open-log.js';
import { openRoot } from './root-key.js';
import { systemSecretsOf } from './system-secret.js';

/** Everything both listeners share, opened. */
export type Authority = {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly root: RootKey;
  readonly clientSecrets: ClientSecrets;
  readonly cookies: CookieSigner;
  readonly signer: JwtSigner;
  /** Closes in the order that loses nothing: the read model, then the log, then the store and the lock on the folder. */
  close(): Promise<void>;
};

/** A data folder with its log open, the root key unsealed: what every command that works on the folder needs. */
export type DataFolder = OpenLog & { readonly clock: Clock; readonly readModelFile: string };

/** What the configuration does not say; another clock and a store other than the configured one are for tests. */
export type ProcessOptions = { readonly clock?: Clock; readonly store?: EventStore };

/** What a store has to tell an operator goes to the `applicationLog`. */
export type OpenOptions = ProcessOptions & { readonly applicationLog: ApplicationLog };

/**
 * Opens the data folder for this process alone, and the event store.
 *
 * @throws StoreRefusedError the folder is in use, or the store corrupted, foreign or not usable; both are left as they were
 * @throws ConfigurationError the folder cannot be made, the event store not be reached, or the system secret is not the one that sealed the root key
 */
export async function openDataFolder(configuration: Configuration, options: OpenOptions): Promise<DataFolder> {
  const { clock = new Clock() } = options;
  const { dataDir } = configuration;
  makeFolder(dataDir);
  const lock: DirectoryLock = acquireDirectoryLock(dataDir);
  let store: EventStore | undefined;
  try {
    store = options.store ?? (await openEventStore(configuration, options));
    const root = await openRoot(store, await systemSecretsOf(configuration, store), clock);
    const log = readable(store, root, clock);
    const close = async (): Promise<void> => {
      await log.close();
      lock.release();
    };
    return { ...log, clock, readModelFile: readModelFileOf(dataDir), close };
  } catch (error) {
    await store?.close();
    lock.release();
    throw error;
  }
}

/** Where a data folder has the read model. */
export function readModelFileOf(dataDir: string): string {
  return join(dataDir, 'read-model.db');
}

/** @throws ConfigurationError when it cannot be made */
export function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(`DATA_DIR cannot be made: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Opens the data folder and brings the read model up to date.
 *
 * @throws what `openDataFolder` throws
 * @throws ReadModelRefusedError the read model belongs to another log, or the log was restored from a backup
 */
export async function openAuthority(configuration: Configuration, options: OpenOptions): Promise<Authority> {
  const folder = await openDataFolder(configuration, options);
  try {
    const { store, codec, root, clock } = folder;
    const log = new EventLog({ store, codec, clock: () => clock.now(), newId: uuidV7 });
    const onStopped = (err: Error): void => options.applicationLog.logger.error({ err }, 'the read model has stopped');
    const readModel = await ReadModel.open({ file: folder.readModelFile, store, codec, onStopped });
    readModel.start();
    return {
      ...{ configuration, clock, store, codec, log, readModel, root },
      clientSecrets: new ClientSecrets(root),
      cookies: new CookieSigner(configuration.cookieSecret ?? root.cookieKey()),
      signer: new JwtSigner(),
      close: async () => {
        log.close();
        await readModel.close();
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}
