import { EventMapper } from '../integration-events/event-mapper.js';
import { kafkaRecord } from '../integration-events/kafka-record.js';
import { placeholderOf, placeholderRow } from '../integration-events/placeholder.js';
import { type LogRecord } from '../relay/port.js';
import { storyLog } from './story.js';

const issuer = 'https://id.example/';

/** One record of every published type: the first of its kind in the story; and a placeholder. */
export async function exampleRecords(): Promise<ReadonlyMap<string, LogRecord>> {
  const log = await storyLog();
  const mapper = new EventMapper({ ...log, subjects: 'clear', tokenEvents: 'all' });
  const examples = new Map<string, LogRecord>();
  for (const stored of await log.store.readAll(undefined, 1_000)) {
    const parked = (await placeholderOf(stored, { ...log, issuer }))?.record;
    if (parked !== undefined) examples.set(placeholderRow.type, parked);
    const mapped = await mapper.map(stored);
    if (mapped === undefined || examples.has(mapped.event.type)) continue;
    examples.set(mapped.event.type, kafkaRecord(mapped, issuer));
  }
  return examples;
}
