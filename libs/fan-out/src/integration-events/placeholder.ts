import { type AuthorityEvent } from '#libs/domain';
import { type EventCodec, type EventStore, type RecordedEvent, type StoredEvent } from '#libs/event-store';
import { type LogRecord } from '../relay/port.js';
import { aggregate, present } from './integration-event.js';
import { recordHeaders } from './record-headers.js';
import { publishedRow } from './table.js';

/** What stands in the place of an event that could not be published, on the topic where that would have been. */
export const placeholderRow = {
  type: 'hydrant.event.parked.v1',
  summary:
    'Stands in the place of an event that cannot be published, because somebody let it pass (`hydrant relay park`). `reason` says why, `actor` who did.',
} as const;

/** Somebody let an event pass. `record` is undefined where nothing would have been published anyway. */
export type Placeholder = { readonly record: LogRecord | undefined };

type Parked = Extract<AuthorityEvent, { type: 'EventParked' }>;

/** Kinds of `ce_subject` whose streams have another name. */
const kinds: Readonly<Record<string, string>> = { keyset: 'key-set' };

/** Looks for the event that lets another one pass, among those of the stream `relay`. */
export async function placeholderOf(
  stored: StoredEvent,
  {
    store,
    codec,
    issuer,
  }: { store: Pick<EventStore, 'readStream'>; codec: Pick<EventCodec, 'decode'>; issuer: string },
): Promise<Placeholder | undefined> {
  for (const one of await store.readStream('relay')) {
    const recorded = await codec.decode(one);
    const event = recorded.event as AuthorityEvent;
    if (event.type !== 'EventParked' || event.data.eventId !== stored.id) continue;
    return { record: placeholder(stored, recorded, issuer) };
  }
  return undefined;
}

/**
 * It has the id and the place of the event it stands for. Its key is the id in the name of the stream, as little else of the event may be
 * readable: that is the usual key of what is about clients, key sets and subjects, and not of consents, sessions and tokens.
 */
function placeholder(stored: StoredEvent, { event, metadata }: RecordedEvent, issuer: string): LogRecord | undefined {
  const row = publishedRow(stored.type);
  if (row === undefined) return undefined;
  const [category = '', ...rest] = stored.stream.split('-');
  const id = decodeURIComponent(rest.join('-'));
  const { actor, correlationId: requestId } = metadata;
  const { reason, position, parkedAt } = event.data as Parked['data'];
  return {
    topic: row.topic,
    key: id === '' ? stored.id : id,
    value: JSON.stringify(present({ replaces: row.type, position, parkedAt, actor, reason, requestId })),
    headers: recordHeaders({
      ...{ id: stored.id, type: placeholderRow.type, issuer, time: parkedAt },
      ...{ subject: id === '' ? category : aggregate(kinds[category] ?? category, id) },
      ...{ position: stored.position, revision: stored.revision, traceparent: undefined },
    }),
    timestamp: Date.parse(parkedAt),
  };
}
