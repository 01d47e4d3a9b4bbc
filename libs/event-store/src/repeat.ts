import { type Decider, type DomainEvent } from '#libs/domain';
import { type Idempotency, type RecordedEvent } from './codec/event-metadata.js';
import { type Committed } from './committed.js';
import { IdempotencyKeyReusedError } from './errors.js';
import { type EventLog, type Folded } from './event-log.js';

/**
 * What a request did when it was carried out before, looked for in the aggregate's own stream, as it is in the store now; `undefined`
 * when it was not. Events are found for as long as the stream is kept.
 *
 * @throws IdempotencyKeyReusedError its key belongs to a request with another body
 * @throws StreamDeletedError | UnavailableError | CodecError
 */
export async function findRepeat<C, S, E extends DomainEvent>(
  log: EventLog,
  { decider, id, idempotency }: { decider: Decider<C, S, E>; id: string; idempotency: Idempotency },
): Promise<Committed<S, E> | undefined> {
  return (await foldSeekingRepeat(log, { decider, stream: decider.streamOf(id), idempotency })).repeat;
}

/** The state of a stream, and what the request did to it earlier. */
export async function foldSeekingRepeat<C, S, E extends DomainEvent>(
  log: EventLog,
  { decider, stream, idempotency }: { decider: Decider<C, S, E>; stream: string; idempotency: Idempotency },
): Promise<{ folded: Folded<S>; repeat: Committed<S, E> | undefined }> {
  const { keyHash, bodyHash } = idempotency;
  const found: RecordedEvent<E>[] = [];
  const visit = (recorded: RecordedEvent<E>): void => {
    if (recorded.metadata.idempotency?.keyHash === keyHash) found.push(recorded);
  };
  const folded = await log.fold(decider, stream, { visit });
  const last = found.at(-1);
  if (last === undefined) return { folded, repeat: undefined };
  const { revision, position, metadata } = last;
  if (metadata.idempotency?.bodyHash !== bodyHash) throw new IdempotencyKeyReusedError(stream);
  const { commandId } = metadata;
  const events = found.map(({ event }) => event);
  return { folded, repeat: { events, state: folded.state, revision, position, commandId, repeated: true } };
}
