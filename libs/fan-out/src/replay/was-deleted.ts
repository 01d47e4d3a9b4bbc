import { streamName } from '#libs/domain';
import { type EventStore, StreamDeletedError } from '#libs/event-store';
import { type LogRecord } from '../relay/port.js';

/** The categories of streams whose name is not the kind that `ce_subject` has. */
const categories: Readonly<Record<string, string>> = { 'key-set': 'keyset' };

/** Whether the stream of a record's aggregate was deleted: its events are not in the log any more, and were. */
export async function wasDeleted(
  store: Pick<EventStore, 'readStream'>,
  { headers }: Pick<LogRecord, 'headers'>,
): Promise<boolean> {
  const subject = headers['ce_subject'] ?? '';
  const slash = subject.indexOf('/');
  if (slash < 0) return false;
  const kind = subject.slice(0, slash);
  try {
    await store.readStream(streamName(categories[kind] ?? kind, subject.slice(slash + 1)));
    return false;
  } catch (error) {
    if (error instanceof StreamDeletedError) return true;
    throw error;
  }
}
