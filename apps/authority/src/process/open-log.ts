import { type RootKey, uuidV7 } from '#libs/crypto';
import { eventSchemas, eventUpcasters } from '#libs/domain';
import {
  EventCodec,
  type EventStore,
  StoredSubjectKeys,
  UnavailableError,
  acquireDirectoryLock,
  openEventStoreDb,
  openSqliteEventStore,
  openSqliteLogReader,
} from '#libs/event-store';
import { type Clock } from '../commands/clock.js';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { unsealRoot } from './root-key.js';
import { systemSecretsOf } from './system-secret.js';

/** The log with what it takes to read what is in it. */
export type OpenLog = {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly root: RootKey;
  close(): Promise<void>;
};

/** What a store has to tell an operator goes to the `applicationLog`. */
type LogOptions = { readonly clock: Clock; readonly applicationLog: ApplicationLog };

/**
 * Opens the log for reading, beside whatever other programs use it: it asks for no folder of its own, takes no lock and writes nothing.
 * The embedded log cannot be followed then, only read page by page.
 *
 * @throws StoreRefusedError the embedded log is not there, or not ours
 * @throws ConfigurationError nobody has served from this log yet, the event store cannot be reached, or the system secret is another one
 */
export async function openLogForReading(configuration: Configuration, options: LogOptions): Promise<OpenLog> {
  const { eventStore, dataDir } = configuration;
  const embedded = eventStore.kind === 'sqlite';
  const store = embedded ? openSqliteLogReader(dataDir) : await openEventStore(configuration, options);
  return unsealed(store, configuration, options.clock);
}

/**
 * Opens the log to append to it: with the embedded log for this process alone, under the lock of its folder.
 *
 * @throws StoreRefusedError the folder is in use, or its log is not usable
 * @throws ConfigurationError as `openLogForReading`
 */
export async function openForWriting(configuration: Configuration, options: LogOptions): Promise<OpenLog> {
  if (configuration.eventStore.kind !== 'sqlite') return openLogForReading(configuration, options);
  const lock = acquireDirectoryLock(configuration.dataDir);
  try {
    await (await openLogForReading(configuration, options)).close(); // what is not there is not made
    const store = await openEventStore(configuration, options);
    const log = await unsealed(store, configuration, options.clock);
    const close = async (): Promise<void> => {
      await log.close();
      lock.release();
    };
    return { ...log, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @throws ConfigurationError when the log has no root key, or the system secret is another one; the store is closed then */
async function unsealed(store: EventStore, configuration: Configuration, clock: Clock): Promise<OpenLog> {
  try {
    const empty = (await store.head()) === undefined;
    const root = empty ? undefined : await unsealRoot(store, await systemSecretsOf(configuration, store));
    if (root === undefined) {
      throw new ConfigurationError('the event log has no root key yet: start an authority on it first');
    }
    return readable(store, root.key, clock);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A store with the codec that reads it. */
export function readable(store: EventStore, root: RootKey, clock: Clock): OpenLog {
  const keys = new StoredSubjectKeys({
    ...{ store, schemas: eventSchemas, upcasters: eventUpcasters, root, newId: uuidV7 },
    clock: () => clock.now(),
    by: { actor: 'hydrant', correlationId: uuidV7(new Date()) }, // whom the events are by that the process itself causes
  });
  const close = async (): Promise<void> => {
    keys.close();
    await store.close();
  };
  return { store, root, codec: new EventCodec(eventSchemas, eventUpcasters, keys), close };
}

/** The only place that picks an event store to write to. @throws ConfigurationError when it cannot be reached */
export async function openEventStore(
  { eventStore, dataDir }: Configuration,
  { applicationLog }: Pick<LogOptions, 'applicationLog'>,
): Promise<EventStore> {
  if (eventStore.kind === 'sqlite') return openSqliteEventStore(dataDir);
  const { url, prefix } = eventStore;
  try {
    return await openEventStoreDb({ url, prefix, notice: (text, level) => applicationLog.logger[level](text) });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new ConfigurationError(`EVENT_STORE cannot be reached: ${error.message}`);
  }
}
