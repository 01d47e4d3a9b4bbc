import { type EventMetadata, type EventStore, type Position } from '#libs/event-store';
import { behind } from './port.js';

const sampleSize = 200;

/** How far the relay is behind the log. `events` is exact up to a bound, estimated beyond it. */
export type RelayLag = { readonly head: Position | undefined; readonly events: number; readonly seconds: number };

/** @throws UnavailableError */
export async function measureLag(store: EventStore, published: Position | undefined, now: Date): Promise<RelayLag> {
  const position = behind(published);
  const head = await store.head();
  if (head === undefined || head === position) return { head, events: 0, seconds: 0 };
  const sample = await store.readAll(position, sampleSize);
  const [first, last] = [sample[0], sample.at(-1)];
  if (first === undefined || last === undefined) return { head, events: 0, seconds: 0 };
  const recorded = sample.find(({ type }) => !type.startsWith('$'))?.metadata;
  const since = recorded === undefined ? now : new Date((JSON.parse(recorded) as EventMetadata).recordedAt);
  const seconds = Math.max(0, (now.getTime() - since.getTime()) / 1_000);
  return { head, events: Math.max(sample.length, estimate(position, last.position, head)), seconds };
}

/** As if the rest of the log were as dense as the sample: positions may be row numbers or bytes. */
function estimate(position: Position | undefined, last: Position, head: Position): number {
  if (last >= head) return 0;
  const from = position ?? 0;
  return Math.round((sampleSize * (head - from)) / (last - from));
}
