import { type EventStoreDbDouble, type EventStoreDbDoubleOptions } from './eventstoredb-double.js';

/** Starts the protocol double. It is loaded here and not before: it brings gRPC along, which most tests do without. */
export async function startEventStoreDbDouble(options: EventStoreDbDoubleOptions = {}): Promise<EventStoreDbDouble> {
  const { EventStoreDbDouble: Double } = await import('./eventstoredb-double.js');
  return Double.start(options);
}
