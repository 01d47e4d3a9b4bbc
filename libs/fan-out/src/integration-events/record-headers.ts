/** Width of a position in `ce_sequence`: whoever compares the texts compares the positions. */
const sequenceDigits = 20;

/** What a record says of its event besides the body; `time` as ISO 8601. */
export type RecordAttributes = {
  readonly id: string;
  readonly type: string;
  readonly issuer: string;
  readonly subject: string;
  readonly time: string;
  readonly position: number;
  readonly revision: number;
  readonly traceparent: string | undefined;
};

/** Names the JSON Schema of a type's data, `hydrant.consent.accepted.v1`: what `ce_dataschema` says and the schema has as `$id`. */
export function schemaId(type: string): string {
  return `urn:hydrant:event:${type.replace(/^hydrant\./, '')}`;
}

/** CloudEvents 1.0 in Kafka's binary mode (CloudEvents Kafka binding 3.2). */
export function recordHeaders(attributes: RecordAttributes): Readonly<Record<string, string>> {
  const { id, type, issuer, subject, time, position, revision, traceparent } = attributes;
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: issuer,
    ce_subject: subject,
    ce_time: time,
    ce_dataschema: schemaId(type),
    ce_sequence: String(position).padStart(sequenceDigits, '0'),
    ce_revision: String(revision),
    ...(traceparent === undefined ? {} : { traceparent, ce_traceparent: traceparent }),
  };
}
