import { type Json, type JsonObject } from '#libs/domain';
import { type Topic, topics } from '../integration-events/integration-event.js';
import { type LogRecord } from '../relay/port.js';
import { placeholderRow } from '../integration-events/placeholder.js';
import { publishedRows } from '../integration-events/table.js';

const keys: Readonly<Record<Topic, string>> = {
  'client.v1': 'The client id',
  'key.v1': 'The name of the key set',
  'consent.v1': 'The hash of the subject, the same for all that is about one person',
  'session.v1': 'The hash of the subject; of a login refused before anybody was known, the client id',
  'token.v1': 'The hash of the subject; without one the client id; `all` for what concerns everybody',
};

/** The headers of every record: CloudEvents 1.0 in Kafka's binary mode. */
const headers = {
  type: 'object',
  required: [
    ...['content-type', 'ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_subject', 'ce_time', 'ce_dataschema'],
    ...['ce_sequence', 'ce_revision'],
  ],
  properties: {
    'content-type': { const: 'application/json' },
    ce_specversion: { const: '1.0' },
    ce_id: { type: 'string', description: "The id of the log's event: the same whenever it is sent" },
    ce_type: { type: 'string', description: 'What happened, and the version of its shape' },
    ce_source: { type: 'string', description: 'The issuer' },
    ce_subject: { type: 'string', description: 'What it is about: kind and id' },
    ce_time: { type: 'string', format: 'date-time', description: 'When it was recorded; the time of the record too' },
    ce_dataschema: { type: 'string', description: 'The `$id` of the JSON Schema of the body' },
    ce_sequence: {
      type: 'string',
      pattern: '^[0-9]{20}$',
      description:
        'The position in the log, strictly rising in each partition: what is not above the last one seen is a repeat',
    },
    ce_revision: {
      type: 'string',
      pattern: '^[0-9]+$',
      description: 'The place in the stream of its aggregate, from 0',
    },
    traceparent: { type: 'string', description: 'W3C Trace Context of the request' },
    ce_traceparent: { type: 'string', description: 'The same, as the extension attribute of CloudEvents' },
  },
} as const;

/**
 * The contract as an AsyncAPI 3 document.
 *
 * @param schemaOf the JSON Schema of a type's data
 * @param examples a record of each type
 */
export function asyncApiDocument(
  version: string,
  schemaOf: (type: string) => JsonObject,
  examples: ReadonlyMap<string, LogRecord>,
): object {
  const messages = [...publishedRows, placeholderRow].map(({ type, summary }): [string, object] => [
    type,
    {
      name: type,
      title: type,
      summary,
      contentType: 'application/json',
      headers: { $ref: '#/components/schemas/headers' },
      payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: schemaOf(type) },
      examples: exampleOf(examples.get(type)),
    },
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hydrant events',
      version,
      description:
        'Every change of clients, keys, consents, sessions and tokens, in order for each key. What readers may rely on is in docs/events.md.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [topic, channel(topic)])),
    operations: Object.fromEntries(topics.map((topic) => [`publish ${topic}`, operation(topic)])),
    components: { messages: Object.fromEntries(messages), schemas: { headers } },
  };
}

function channel(topic: Topic): object {
  const rows = [...publishedRows.filter((row) => row.topic === topic), placeholderRow];
  const types = rows.map(({ type }) => type);
  return {
    address: `hydrant.${topic}`,
    description: `Key: ${keys[topic]}.`,
    messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: { kafka: { topic: `hydrant.${topic}`, bindingVersion: '0.5.0' } },
  };
}

function operation(topic: Topic): object {
  return { action: 'send', channel: { $ref: `#/channels/${topic}` }, summary: `Publishes to hydrant.${topic}.` };
}

function exampleOf(record: LogRecord | undefined): object[] {
  if (record === undefined) return [];
  return [{ headers: record.headers, payload: JSON.parse(record.value) as Json }];
}
