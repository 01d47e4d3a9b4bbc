import { type Decider, type EventSchemas, type Timestamp } from '../shared.js';

/** An event of the log that cannot be published is let pass: readers get a placeholder in its place. */
export type RelayEvent = {
  type: 'EventParked';
  data: { position: number; eventId: string; eventType: string; reason: string; parkedAt: Timestamp };
};

export const relayEventSchemas: EventSchemas<RelayEvent> = { EventParked: { version: 1 } };

export type RelayCommand = {
  type: 'ParkEvent';
  data: { position: number; eventId: string; eventType: string; reason: string };
  now: Date;
};

/** Ids of the events that were parked. */
export type ParkedEvents = { readonly eventIds: ReadonlySet<string> };

/** `[]` when the event is parked already: the first reason stays. */
function decide({ data, now }: RelayCommand, state: ParkedEvents): RelayEvent[] {
  if (state.eventIds.has(data.eventId)) return [];
  return [{ type: 'EventParked', data: { ...data, parkedAt: now.toISOString() } }];
}

/** There is one stream of the relay; the id is ignored. */
export const relay: Decider<RelayCommand, ParkedEvents, RelayEvent> = {
  streamOf: () => 'relay',
  initial: () => ({ eventIds: new Set() }),
  decide,
  evolve: (state, { data }) => ({ eventIds: new Set([...state.eventIds, data.eventId]) }),
};
