type EventStoreErrorCode =
  | 'version_conflict'
  | 'append_too_large'
  | 'unavailable'
  | 'outcome_unknown'
  | 'stream_deleted'
  | 'store_refused'
  | 'precondition_failed'
  | 'idempotency_key_reused';

/** What a store, or the typed log over it, refuses or cannot do. One subclass per `code`. */
export class EventStoreError extends Error {
  constructor(
    readonly code: EventStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The stream is not at the expected revision. Nothing was stored. */
export class VersionConflictError extends EventStoreError {
  constructor(
    readonly stream: string,
    readonly expectedRevision: number,
    readonly actualRevision: number,
  ) {
    super('version_conflict', `stream ${stream} is at revision ${actualRevision}, not at ${expectedRevision}`);
  }
}

/** The events of one append hold more data than any adapter takes. Nothing was stored. */
export class AppendTooLargeError extends EventStoreError {
  constructor(
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super('append_too_large', `an append of ${bytes} bytes exceeds the limit of ${maxBytes}`);
  }
}

/** The store cannot do it now; nothing was stored. Trying again later may work. */
export class UnavailableError extends EventStoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options);
  }
}

/** Whether the events were, or will still be, stored is not known. */
export class OutcomeUnknownError extends EventStoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('outcome_unknown', message, options);
  }
}

/** The stream was deleted; its name can never be used again. */
export class StreamDeletedError extends EventStoreError {
  constructor(readonly stream: string) {
    super('stream_deleted', `stream ${stream} is deleted`);
  }
}

/** The data folder cannot be used: damaged, foreign, newer, or in use. The message is one line that names the file and what to do. */
export class StoreRefusedError extends EventStoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('store_refused', message, options);
  }
}

/** The state that was found is not the one the caller asked for (`If-Match`). Nothing was stored. */
export class PreconditionFailedError extends EventStoreError {
  constructor(
    readonly stream: string,
    readonly revision: number,
  ) {
    super('precondition_failed', `stream ${stream} at revision ${revision} does not meet the precondition`);
  }
}

/** The idempotency key belongs to an earlier request with another body. Nothing was stored. */
export class IdempotencyKeyReusedError extends EventStoreError {
  constructor(readonly stream: string) {
    super('idempotency_key_reused', `stream ${stream} has events of another request with this idempotency key`);
  }
}
