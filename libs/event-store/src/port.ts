import { type Brand } from '#libs/domain';
import { type StorageFault } from './sqlite/storage-fault.js';

/** Where an event stands in the whole log. Opaque: strictly increasing, with gaps; compare it, never compute with it. */
export type Position = Brand<number, 'Position'>;

/** An event ready to be stored: `data` and `metadata` are JSON text, `id` is a UUID that is the same at every attempt. */
export type EncodedEvent = { id: string; type: string; data: string; metadata: string };

/**
 * An event as the log returns it. System events, whose `type` starts with `$`, have revision -1 and no content: readers of the whole log
 * let them move their position, and decode none of them.
 */
export type StoredEvent = EncodedEvent & { stream: string; revision: number; position: Position };

/** Revision and position of the last event of an append. */
export type Appended = { revision: number; position: Position };

/**
 * An answer that is synchronous when it is at hand: where each event and each request goes through, and waiting one turn for nothing
 * would cost. Elsewhere a function is synchronous or gives a promise (the linter holds who may use it).
 */
export type Eventually<Value> = Value | Promise<Value>;

/** Gets events in log order; while its promise is pending nothing more is delivered. */
export type EventHandler = (events: readonly StoredEvent[]) => Eventually<void>;

/** A running delivery of the log. */
export interface Subscription {
  /** Rejects with what the handler threw, or when the log cannot be read; nothing is delivered after that. Pending otherwise. */
  readonly failed: Promise<never>;
  /** Why nothing is delivered just now, while it is tried again; undefined when all is well. */
  readonly trouble: Error | undefined;
  /** Stops delivery; resolves when a batch in the handler's hands is done. */
  close(): Promise<void>;
}

/** From this revision on (0), and at most so many events (all). */
export type StreamRange = { readonly from?: number; readonly limit?: number };

/** The log: streams of events under optimistic concurrency, and one total order over all of them. */
export interface EventStore {
  /**
   * Appends all events or none. Sending the same event ids again at the same expected revision succeeds with the first answer.
   *
   * @param options.expectedRevision revision of the stream's last event, `noRevision` when the stream must not exist
   * @throws TypeError for an empty append, or a stream name or event type that is not allowed
   * @throws AppendTooLargeError | VersionConflictError | StreamDeletedError | UnavailableError (not stored) | OutcomeUnknownError
   */
  append(stream: string, events: readonly EncodedEvent[], options: { expectedRevision: number }): Promise<Appended>;

  /**
   * The stream's events in a range, in order; `[]` when there is no such stream.
   *
   * @throws StreamDeletedError | UnavailableError
   */
  readStream(stream: string, range?: StreamRange): Promise<StoredEvent[]>;

  /**
   * The next events of the whole log, system events included; from its beginning when `after` is undefined.
   *
   * @throws TypeError when `limit` is below 1
   */
  readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]>;

  /**
   * Delivers every event after a position exactly once and in order: first what is stored, then what is appended. Resumes by itself,
   * where need be for ever: whether the log `reaches` the position is asked before.
   */
  subscribe(after: Position | undefined, handler: EventHandler): Subscription;

  /**
   * Deletes a stream for good: its name can never be used again. The log shows it as one event of type `$streamDeleted`.
   *
   * @param options.expectedRevision as in `append`; `noRevision` closes a name that was never used
   * @returns the position of the `$streamDeleted` event
   * @throws VersionConflictError | StreamDeletedError | UnavailableError | OutcomeUnknownError
   */
  deleteStream(stream: string, options: { expectedRevision: number }): Promise<Position>;

  /**
   * The position of the last event in the log, system events included; never below what this store has acknowledged or handed out
   * before the call. Undefined when the log is empty. Synchronous where the log is in this process.
   *
   * @throws UnavailableError (rejects with it)
   */
  head(): Eventually<Position | undefined>;

  /**
   * Whether the log goes at least as far as a position that was seen in it earlier, by whomever. No means that it is another log or was
   * restored: a store of several nodes waits for a while before it says so, for one that knows more.
   *
   * @throws UnavailableError
   */
  reaches(position: Position): Promise<boolean>;

  /**
   * What the last attempt to write found wrong with the storage. It is tried again beside the requests, so that this goes away when the
   * fault does. A store that is asked over a network has none: what is wrong with it shows in `head`.
   */
  fault(): StorageFault | undefined;

  /** Finishes what was begun, ends subscriptions; every later call is refused with `UnavailableError`. */
  close(): Promise<void>;
}

/** The type of the event that stands in the log for the deletion of a stream. */
export const streamDeleted = '$streamDeleted';

/**
 * The type of what others have written into a store that is shared, and of the store's own records. Its `stream` is the empty name, so
 * that it cannot be taken for one of ours; `id` is its own.
 */
export const foreignEvent = '$foreign';
