import { type Mapped } from './event-mapper.js';

/** What goes to Kafka: one record. `timestamp` is in milliseconds since 1970. */
export type KafkaRecord = {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
};

/** `issuer` is the source of every event; `topicPrefix` stands in front of every topic. */
export type RecordOptions = { readonly issuer: string; readonly topicPrefix: string };

/** Width of a position in `ce_sequence`: whoever compares the texts compares the positions. */
const sequenceDigits = 20;

/** Names the JSON Schema of a type's data, `hydrant.consent.accepted.v1`: what `ce_dataschema` says and the schema has as `$id`. */
export function schemaId(type: string): string {
  return `urn:hydrant:event:${type.replace(/^hydrant\./, '')}`;
}

/** An integration event as CloudEvents 1.0 in Kafka's binary mode (CloudEvents Kafka binding 3.2). */
export function kafkaRecord({ event, recorded }: Mapped, { issuer, topicPrefix }: RecordOptions): KafkaRecord {
  const { metadata, position, revision } = recorded;
  const { recordedAt, traceparent } = metadata;
  return {
    topic: `${topicPrefix}${event.topic}`,
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
