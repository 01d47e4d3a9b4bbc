import { uuidV7 } from '#libs/crypto';
import { type EncodedEvent, type StoredEvent } from '../port.js';

/** An event nothing is known about; every one has an id of its own. */
export function anEvent(members: Partial<EncodedEvent> = {}): EncodedEvent {
  return { id: uuidV7(new Date()), type: 'SomethingHappened', data: '{"n":1}', metadata: '{}', ...members };
}

/** A name no stream ever had. */
export function newStreamName(): string {
  return `contract-${uuidV7(new Date())}`;
}

/** Those of some streams, out of what the log holds. */
export function ofStreams(streams: readonly string[], events: readonly StoredEvent[]): StoredEvent[] {
  const wanted = new Set(streams);
  return events.filter(({ stream }) => wanted.has(stream));
}
