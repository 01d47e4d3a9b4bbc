import { BoundedCache } from '#libs/bounded-cache';
import { type Decider, type DomainEvent, noRevision } from '#libs/domain';
import { type EventCodec } from './codec/codec.js';
import { type Attribution, type Idempotency, type RecordedEvent } from './codec/event-metadata.js';
import { CommandScope } from './command-scope.js';
import { StreamDeletedError } from './errors.js';
import { eventLength } from './event-length.js';
import { type EncodedEvent, type EventStore, type Eventually, type Position } from './port.js';
import { streamPages } from './stream-pages.js';
import { StreamQueues } from './stream-queues.js';

/** `newId` makes UUIDv7s that differ in more than their last 16 bits; `retryTimeoutMs` (5,000) bounds a command's retries. */
export type EventLogOptions = {
  store: EventStore;
  codec: EventCodec;
  clock: () => Date;
  newId: (now: Date) => string;
  retryTimeoutMs?: number;
  rememberedStreams?: number;
};

/** What the events took that the remembered states are made of. */
const rememberedBytes = 64 * 1_048_576;

/** The state of a stream at a revision; `noRevision` when it has no events. `bytes`: of the events it is made of. */
export type Folded<State> = { readonly state: State; readonly revision: number; readonly bytes: number };

type Remembered = Folded<unknown> & { readonly decider: unknown };

/** The typed log over a store: metadata and codec, the folded states of recent streams, one queue per stream. */
export class EventLog {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly retryTimeoutMs: number;
  readonly queues = new StreamQueues();
  private readonly clock: () => Date;
  private readonly newId: (now: Date) => string;
  private readonly remembered: BoundedCache<string, Remembered>;
  private lastPrefix = '';
  private closed = false;

  constructor(options: EventLogOptions) {
    this.store = options.store;
    this.codec = options.codec;
    this.clock = options.clock;
    this.newId = options.newId;
    this.retryTimeoutMs = options.retryTimeoutMs ?? 5_000;
    const bound = { maxBytes: rememberedBytes, bytesOf: ({ bytes }: Remembered) => bytes };
    this.remembered = new BoundedCache(options.rememberedStreams ?? 10_000, bound);
  }

  /** Ends what goes on in the background about appends of unknown outcome. The store is not closed. */
  close(): void {
    this.closed = true;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** The ids of a command that writes several streams; pass it to each `decideAndAppend`. */
  newCommand(): CommandScope {
    return new CommandScope(() => this.newPrefix());
  }

  /** Encodes events of a stream under the next ids of a command. Synchronous when the codec is. */
  encode(
    events: readonly DomainEvent[],
    {
      stream,
      scope,
      by,
      idempotency,
    }: { stream: string; scope: CommandScope; by: Attribution; idempotency?: Idempotency | undefined },
  ): Eventually<EncodedEvent[]> {
    const { commandId } = scope;
    const recordedAt = this.clock().toISOString();
    const attribution = idempotency === undefined ? attributionOf(by) : { ...attributionOf(by), idempotency };
    const encoded = events.map((event) => {
      const schemaVersion = this.codec.schemaVersion(event.type);
      const eventId = scope.nextEventId();
      return this.codec.encode(event, { eventId, commandId, schemaVersion, recordedAt, ...attribution }, stream);
    });
    if (encoded.every((one): one is EncodedEvent => !(one instanceof Promise))) return encoded;
    return Promise.all(encoded.map(async (one) => one));
  }

  /**
   * Deletes a stream for good, in turn with the commands on it.
   *
   * @throws VersionConflictError | StreamDeletedError | UnavailableError | OutcomeUnknownError
   */
  deleteStream(stream: string, options: { expectedRevision: number }): Promise<Position> {
    return this.queues.run(stream, this.retryTimeoutMs, async () => {
      this.forget(stream);
      return this.store.deleteStream(stream, options);
    });
  }

  /** The state a stream had when this process last looked; the store may be ahead of it. */
  recall<C, S, E extends DomainEvent>(decider: Decider<C, S, E>, stream: string): Folded<S> | undefined {
    const found = this.remembered.get(stream);
    return found?.decider === decider ? (found as Remembered & Folded<S>) : undefined;
  }

  remember<C, S, E extends DomainEvent>(decider: Decider<C, S, E>, stream: string, folded: Folded<S>): void {
    this.remembered.set(stream, { decider, ...folded });
  }

  forget(stream: string): void {
    this.remembered.delete(stream);
  }

  /**
   * Folds a stream as the store has it now.
   *
   * @param options.known an earlier state of the stream: only what came after it is read
   * @param options.visit is shown each event that is read
   * @throws StreamDeletedError | UnavailableError | CodecError
   */
  async fold<C, S, E extends DomainEvent>(
    decider: Decider<C, S, E>,
    stream: string,
    { known, visit }: { known?: Folded<S> | undefined; visit?: (recorded: RecordedEvent<E>) => void } = {},
  ): Promise<Folded<S>> {
    let { state, revision, bytes } = known ?? { state: decider.initial(), revision: noRevision, bytes: 0 };
    this.forget(stream);
    for await (const page of streamPages(this.store, stream, revision + 1)) {
      for (const stored of page) {
        const decoded = this.codec.decode(stored);
        const recorded = (decoded instanceof Promise ? await decoded : decoded) as RecordedEvent<E>;
        visit?.(recorded);
        revision = stored.revision;
        state = decider.evolve(state, recorded.event, revision);
        bytes += eventLength(stored);
      }
    }
    const folded = { state, revision, bytes };
    this.remember(decider, stream, folded);
    return folded;
  }

  private newPrefix(): string {
    const prefix = this.newId(this.clock()).slice(0, -4);
    if (prefix === this.lastPrefix)
      throw new TypeError('newId must make ids that differ in more than their last 16 bits');
    this.lastPrefix = prefix;
    return prefix;
  }
}

/** Only these members: what is given may be a larger object, and metadata is stored in clear for good. */
function attributionOf({ actor, reason, correlationId, causationId, traceparent }: Attribution): Attribution {
  return {
    actor,
    correlationId,
    ...(reason !== undefined && { reason }),
    ...(causationId !== undefined && { causationId }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/**
 * The state of an aggregate as the store has it now, and the revision to append at.
 *
 * @throws StreamDeletedError | UnavailableError | CodecError
 */
export function loadState<C, S, E extends DomainEvent>(
  log: EventLog,
  decider: Decider<C, S, E>,
  id: string,
): Promise<Folded<S>> {
  const stream = decider.streamOf(id);
  return log.fold(decider, stream, { known: log.recall(decider, stream) });
}

/**
 * The state of an aggregate as the store has it now; undefined once its stream was deleted.
 *
 * @throws UnavailableError | CodecError
 */
export async function findState<C, S, E extends DomainEvent>(
  log: EventLog,
  decider: Decider<C, S, E>,
  id: string,
): Promise<S | undefined> {
  try {
    return (await loadState(log, decider, id)).state;
  } catch (error) {
    if (error instanceof StreamDeletedError) return undefined;
    throw error;
  }
}
