import { type EventStore } from '#libs/event-store';
import { behind, type RelayPosition, RelayRefusedError } from './port.js';

/**
 * Makes sure that a position was reached by publishing this log.
 *
 * @throws RelayRefusedError naming what is different
 * @throws UnavailableError
 */
export async function checkSameLog(at: RelayPosition, store: EventStore, logId: string): Promise<void> {
  const { position, eventId, previous } = at;
  if (at.logId !== logId) {
    throw new RelayRefusedError(`the topics hold the events of log ${at.logId}, this is log ${logId}`);
  }
  if (behind(position) === undefined) return; // in front of the first event: nothing was published
  if (!(await store.reaches(position))) {
    const head = (await store.head()) ?? 'nothing';
    throw new RelayRefusedError(`events up to position ${position} were published, the log ends at ${head}`);
  }
  if (eventId === undefined) return;
  const [event] = await store.readAll(previous, 1);
  if (event === undefined || event.position > position) return; // its stream was deleted
  if (event.position !== position || event.id !== eventId) {
    throw new RelayRefusedError(
      `event ${eventId} was published at position ${position}, where the log has ${event.id} at ${event.position}`,
    );
  }
}
