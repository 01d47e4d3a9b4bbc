import { type EventData, type ResolvedEvent, jsonEvent } from '@eventstore/db-client';
import { noRevision } from '#libs/domain';
import { StoreRefusedError } from '../errors.js';
import { type EncodedEvent, foreignEvent, type Position, streamDeleted, type StoredEvent } from '../port.js';

/** As the library returns it. */
export type ServerEvent = Pick<ResolvedEvent, 'event' | 'commitPosition'>;
type Recorded = NonNullable<ServerEvent['event']>;

/** The revision of the event that stands for a deletion. */
const tombstoneRevision = 2n ** 63n - 1n;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * What the server is given: JSON that its own tools can show, byte for byte ours.
 *
 * The library parses JSON when it reads, so only text that `JSON.stringify` makes can be had back unchanged; that is all the codec writes.
 *
 * @throws TypeError for other text, or an id that is not a UUID in lower case
 */
export function toServerEvent({ id, type, data, metadata }: EncodedEvent): EventData {
  if (!uuid.test(id)) throw new TypeError(`"${id}" cannot be the id of an event`);
  parseCanonical(metadata, 'metadata');
  return jsonEvent({
    id,
    type,
    data: parseCanonical(data, 'data') as Record<string, unknown>,
    metadata: Uint8Array.from(Buffer.from(metadata)),
  });
}

/**
 * What the port promises of an event, from what the server holds.
 *
 * Whatever lies outside of our streams becomes a `$foreign` event without content, whatever its type is. In our streams only the
 * server's own tombstone is a system event; what somebody else has written there keeps its content for the codec to refuse, and where
 * its type starts with `$`, which readers of the log skip, that type is spelled so that none does.
 *
 * @param prefix what stands in front of the names of our streams
 * @throws StoreRefusedError for a position no number can hold
 */
export function fromServerEvent(prefix: string, resolved: ServerEvent): StoredEvent {
  const { event } = resolved;
  const position = toPosition(event?.position?.commit ?? resolved.commitPosition);
  if (event === undefined || !event.streamId.startsWith(prefix) || event.streamId.startsWith('$')) {
    return { ...withoutContent(foreignEvent, event?.id ?? ''), stream: '', position };
  }
  const stream = event.streamId.slice(prefix.length);
  if (event.type === streamDeleted && event.revision === tombstoneRevision) {
    return { ...withoutContent(streamDeleted, event.id), stream, position };
  }
  const type = event.type.startsWith('$') ? `foreign ${event.type}` : event.type;
  const revision = Number(event.revision);
  return { id: event.id, type, data: dataOf(event), metadata: textOf(event.metadata), stream, revision, position };
}

/** @throws StoreRefusedError for a position no number can hold (2^53 bytes of log), or none: a server older than 22.6 */
export function toPosition(commit: bigint | undefined): Position {
  if (commit === undefined || commit > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new StoreRefusedError(`the event store answers with position ${commit}, which Hydrant cannot work with`);
  }
  return Number(commit) as Position;
}

function withoutContent(type: string, id: string): EncodedEvent & { revision: number } {
  return { id, type, data: '{}', metadata: '{}', revision: noRevision };
}

function parseCanonical(text: string, part: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${part} of an event is not JSON`, { cause: error });
  }
  if (JSON.stringify(value) !== text)
    throw new TypeError(`${part} of an event is not JSON as JSON.stringify writes it`);
  return value;
}

function dataOf({ isJson, data }: Recorded): string {
  return isJson ? JSON.stringify(data) : textOf(data);
}

/** Metadata, and data that is not marked as JSON: bytes that were not JSON are given back as the text they may be. */
function textOf(value: unknown): string {
  if (value === undefined) return '';
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
    : JSON.stringify(value);
}
