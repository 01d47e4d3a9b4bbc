import { type LogRecord, type MapEvent } from '../relay/port.js';
import { EventMapper, type Mapped, type MappingOptions } from './event-mapper.js';

/** Width of a position in `ce_sequence`: whoever compares the texts compares the positions. */
const sequenceDigits = 20;

/** Names the JSON Schema of a type's data, `hydrant.consent.accepted.v1`: what `ce_dataschema` says and the schema has as `$id`. */
export function schemaId(type: string): string {
  return `urn:hydrant:event:${type.replace(/^hydrant\./, '')}`;
}

/** An integration event as CloudEvents 1.0 in Kafka's binary mode (CloudEvents Kafka binding 3.2). `issuer` is its source. */
export function kafkaRecord({ event, recorded }: Mapped, issuer: string): LogRecord {
  const { metadata, position, revision } = recorded;
  const { recordedAt, traceparent } = metadata;
  return {
    topic: event.topic,
    key: event.key,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: metadata.eventId,
      ce_type: event.type,
      ce_source: issuer,
      ce_subject: event.aggregate,
      ce_time: recordedAt,
      ce_dataschema: schemaId(event.type),
      ce_sequence: String(position).padStart(sequenceDigits, '0'),
      ce_revision: String(revision),
      ...(traceparent === undefined ? {} : { traceparent, ce_traceparent: traceparent }),
    },
    timestamp: Date.parse(recordedAt),
  };
}

/** What the relay publishes of stored events. Events are to be given in log order. */
export function recordsOf(options: MappingOptions & { readonly issuer: string }): MapEvent {
  const mapper = new EventMapper(options);
  return async (stored) => {
    const mapped = await mapper.map(stored);
    return mapped === undefined ? undefined : kafkaRecord(mapped, options.issuer);
  };
}
