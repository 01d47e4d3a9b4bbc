import { type StoredEvent, UnavailableError } from '#libs/event-store';
import { maxRecordBytes, recordBytes } from '../relay/limits.js';
import { type LogRecord, type MapEvent, UnpublishableEventError } from '../relay/port.js';
import { EventMapper, type Mapped, type MappingOptions } from './event-mapper.js';
import { placeholderOf } from './placeholder.js';
import { recordHeaders } from './record-headers.js';

/** An integration event as CloudEvents 1.0 in Kafka's binary mode (CloudEvents Kafka binding 3.2). `issuer` is its source. */
export function kafkaRecord({ event, recorded }: Mapped, issuer: string): LogRecord {
  const { metadata, position, revision } = recorded;
  const { recordedAt, traceparent } = metadata;
  return {
    topic: event.topic,
    key: event.key,
    value: JSON.stringify(event.data),
    headers: recordHeaders({
      ...{ id: metadata.eventId, type: event.type, issuer, subject: event.aggregate, time: recordedAt },
      ...{ position, revision, traceparent },
    }),
    timestamp: Date.parse(recordedAt),
  };
}

/**
 * What the relay publishes of stored events: its integration event, and where that cannot be made or is too large, the placeholder that
 * somebody has it replaced by. Events are to be given in log order.
 *
 * @throws UnpublishableEventError (rejects with it) while nobody let the event pass
 */
export function recordsOf(
  options: MappingOptions & { readonly issuer: string; readonly maxRecordBytes?: number },
): MapEvent {
  const mapper = new EventMapper(options);
  const { issuer, maxRecordBytes: most = maxRecordBytes } = options;
  const published = async (stored: StoredEvent): Promise<LogRecord | undefined> => {
    const mapped = await mapper.map(stored);
    if (mapped === undefined) return undefined;
    const record = kafkaRecord(mapped, issuer);
    const bytes = recordBytes(record);
    if (bytes <= most) return record;
    throw new UnpublishableEventError(stored, `its record has ${bytes} bytes, ${most} are allowed`);
  };
  return async (stored) => {
    try {
      return await published(stored);
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      const parked = await placeholderOf(stored, options);
      if (parked !== undefined) return parked.record;
      throw error instanceof UnpublishableEventError
        ? error
        : new UnpublishableEventError(stored, String(error), { cause: error });
    }
  };
}
