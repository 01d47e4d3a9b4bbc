import { type JsonObject } from '#libs/domain';
import { type Topic, topics } from '../integration-events/integration-event.js';
import { type LogRecord } from '../relay/port.js';
import { type PublishedRow } from '../integration-events/row.js';
import { placeholderRow } from '../integration-events/placeholder.js';
import { publishedRows, table } from '../integration-events/table.js';

/** Between these lines of `docs/events.md` stands what is generated. */
const generatedFrom = '<!-- generated: npm run asyncapi -->';
const generatedTo = '<!-- end of what is generated -->';

/** The page with what is between its two marks made anew. @throws Error when it has not both of them */
export function eventsPage(
  page: string,
  schemaOf: (type: string) => JsonObject,
  examples: ReadonlyMap<string, LogRecord>,
): string {
  const [before, rest] = page.split(`${generatedFrom}\n`);
  const after = rest?.split(generatedTo)[1];
  if (before === undefined || after === undefined) throw new Error('the page has not both marks');
  const parts = [
    ...topics.flatMap((topic) => [`### \`hydrant.${topic}\``, ...section(topic, schemaOf, examples)]),
    '### Every topic',
    ...described(placeholderRow, schemaOf(placeholderRow.type), examples.get(placeholderRow.type)),
    ...stays(),
  ];
  return `${before}${generatedFrom}\n\n${parts.join('\n\n')}\n\n${generatedTo}${after}`;
}

function section(
  topic: Topic,
  schemaOf: (type: string) => JsonObject,
  examples: ReadonlyMap<string, LogRecord>,
): string[] {
  const ofTopic = publishedRows.filter((row) => row.topic === topic);
  return ofTopic.flatMap((row) => described(row, schemaOf(row.type), examples.get(row.type)));
}

function described(
  { type, summary, optional }: Pick<PublishedRow<never>, 'type' | 'summary' | 'optional'>,
  schema: JsonObject,
  record?: LogRecord,
): string[] {
  const required = schema['required'] as readonly string[];
  const members = Object.entries(schema['properties'] as Readonly<Record<string, JsonObject>>)
    .filter(([name]) => !common.includes(name))
    .map(([name, member]) => row(name, required.includes(name), member));
  return [
    `#### \`${type}\``,
    optional === true ? `${summary} Only with \`KAFKA_TOKEN_EVENTS=all\`.` : summary,
    members.length === 0 ? '' : ['| member | always | meaning |', '| --- | --- | --- |', ...members].join('\n'),
    ...example(record),
  ].filter((part) => part !== '');
}

/** Members of every body; the page says once what they are. */
const common = ['actor', 'reason', 'requestId', 'unavailable'];

function row(name: string, always: boolean, member: JsonObject): string {
  return `| \`${name}\` | ${always ? 'yes' : ''} | ${(member['description'] as string | undefined) ?? 'The key, see the schema'} |`;
}

function example(record: LogRecord | undefined): string[] {
  if (record === undefined) return [];
  const { key, headers, value } = record;
  const { ce_id: id, ce_subject: subject, ce_time: time, ce_sequence: sequence } = headers;
  const body = JSON.stringify(JSON.parse(value), null, 2);
  const shown = [
    `key: ${key}`,
    `ce_id: ${id}`,
    `ce_subject: ${subject}`,
    `ce_time: ${time}`,
    `ce_sequence: ${sequence}`,
  ];
  return [`\`\`\`text\n${shown.join('\n')}\n\`\`\``, `\`\`\`json\n${body}\n\`\`\``];
}

function stays(): string[] {
  const rows = Object.entries(table).flatMap(([type, each]) =>
    'stays' in each ? [`| \`${type}\` | ${each.stays} |`] : [],
  );
  return ['### What stays in the log', ['| stored event | why |', '| --- | --- |', ...rows].join('\n')];
}
