export type {
  Appended,
  EncodedEvent,
  EventHandler,
  EventStore,
  Eventually,
  Position,
  StoredEvent,
  Subscription,
} from './port.js';
export { streamDeleted } from './port.js';
export { pauseBeforeRetry } from './retry-pause.js';
export { eventLength } from './event-length.js';
export { streamPages } from './stream-pages.js';
export {
  AppendTooLargeError,
  IdempotencyKeyReusedError,
  OutcomeUnknownError,
  PreconditionFailedError,
  StoreRefusedError,
  StreamDeletedError,
  UnavailableError,
  VersionConflictError,
} from './errors.js';
export type { EventStoreDbOptions } from './eventstoredb/eventstoredb-event-store.js';
export { openEventStoreDb } from './eventstoredb/open-eventstoredb.js';
export { MemoryEventStore } from './memory/memory-event-store.js';
export { type DirectoryLock, acquireDirectoryLock } from './sqlite/directory-lock.js';
export { givesPagesBack, Reclaimer } from './sqlite/reclaimer.js';
export { type BackUpOptions, backUpSqliteLog } from './sqlite/back-up.js';
export type { BackupTrailer } from './sqlite/backup-form.js';
export { restoreSqliteLog } from './sqlite/restore.js';
export { openSqliteEventStore } from './sqlite/sqlite-event-store.js';
export { type StorageFault, type StorageFaultKind, storageFaultOf } from './sqlite/storage-fault.js';
export { openSqliteLogReader } from './sqlite/sqlite-log-reader.js';
export type { Attribution, EventMetadata, Idempotency, RecordedEvent } from './codec/event-metadata.js';
export { CodecError, EventCodec } from './codec/codec.js';
export type { FoundKey, PersonalDataKeys, SubjectKey } from './codec/personal-data.js';
export { type RootSeal, StoredSubjectKeys, type StoredSubjectKeysOptions } from './codec/stored-subject-keys.js';
export type { CommandScope } from './command-scope.js';
export { EventLog, type EventLogOptions, type Folded, findState, loadState } from './event-log.js';
export type { Committed } from './committed.js';
export { type AppendOptions, type CommandFor, decideAndAppend } from './decide-and-append.js';
export { findRepeat } from './repeat.js';
