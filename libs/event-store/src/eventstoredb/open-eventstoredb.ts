import { StoreRefusedError, UnavailableError } from '../errors.js';
import { type EventStore } from '../port.js';
import { pauseBeforeRetry } from '../retry-pause.js';
import { kindOf } from './client-errors.js';
import type { EventStoreDbOptions } from './eventstoredb-event-store.js';

/**
 * Opens the log kept by an EventStoreDB, once a leader of it answers.
 *
 * @param options.url `esdb://user:password@host:port[,host:port…][?option=value&…]`, or with `esdb+discover`
 * @throws StoreRefusedError for a connection string or prefix that cannot be used, or credentials the server does not accept
 * @throws UnavailableError when no server answers in time
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const { openTimeoutMs = 30_000 } = options;
  const { EventStoreDbEventStore } = await import('./eventstoredb-event-store.js'); // 30 MB that no other store needs
  const store = new EventStoreDbEventStore(options);
  const deadline = performance.now() + openTimeoutMs;
  for (let retry = 0; ; retry += 1) {
    try {
      await store.head();
      return store;
    } catch (error) {
      const refused = error instanceof UnavailableError && kindOf(error.cause) === 'access-denied';
      if (refused || performance.now() > deadline) {
        await store.close();
        throw refused ? new StoreRefusedError(`EVENT_STORE: ${error.message}`, { cause: error }) : error;
      }
    }
    await pauseBeforeRetry(retry);
  }
}
