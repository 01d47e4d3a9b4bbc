import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventStore, type StoredEvent } from './port.js';

const pageEvents = 500;

/**
 * The events of a stream from a revision on, in order, in pages that are never empty: whoever goes through a long one lets others have
 * their turn between two of them.
 *
 * @throws StreamDeletedError | UnavailableError
 */
export async function* streamPages(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  firstRevision = 0,
): AsyncGenerator<readonly StoredEvent[]> {
  for (let from = firstRevision; ;) {
    const page = await store.readStream(stream, { from, limit: pageEvents });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < pageEvents) return;
    from = last.revision + 1;
    await nextTurn();
  }
}
