/** A `T` that was checked or minted somewhere definite; `as` is allowed only there. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
declare const brand: unique symbol;

/** An instant as ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export type Timestamp = string;

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [member: string]: Json };

/** Of an event that tells what happened elsewhere: this authority did not see it, somebody brought it (docs/adr/0018). */
export type Origin = { readonly importedFrom?: 'hydra' };

/** Whether two values are the same once they are JSON; the order of members does not count. */
export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

/** What every aggregate's events look like: a name in the past tense and data that survives a JSON round trip unchanged. */
export type DomainEvent = { readonly type: string; readonly data: object };

/** The revision of a stream that has no events yet. Revisions count from 0. */
export const noRevision = -1;

/**
 * An aggregate as pure functions.
 *
 * `evolve` gets the event's revision in its stream as well; `decide` returns `[]` when nothing changes and throws `DomainError`
 * when the command is refused. Neither reads a clock, makes an id or does I/O.
 */
export type Decider<Command, State, Event extends DomainEvent> = {
  readonly streamOf: (id: string) => string;
  readonly initial: () => State;
  readonly decide: (command: Command, state: State) => Event[];
  readonly evolve: (state: State, event: Event, revision: number) => State;
};

/**
 * How the events of one type are stored: the version of their shape, and which top-level members of `data` are personal.
 * Personal members are sealed by the codec: under the key of the subject named by `data.subjectHash`, or, where that member
 * is absent, under a key derived from the root key.
 */
export type EventSchema = { readonly version: number; readonly personal?: readonly string[] };
export type EventSchemas<Event extends DomainEvent = DomainEvent> = { readonly [Type in Event['type']]: EventSchema };

/** By event type and the version it was stored with: the step to the next version, on complete data (personal members may be erased). */
export type EventUpcasters = {
  readonly [type: string]: { readonly [fromVersion: number]: (data: JsonObject) => JsonObject };
};

/** Marks the end of a `switch` over a union; unreachable while the types tell the truth. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}

/** A stream name: category and id, the id percent-encoded so that every name is ASCII. */
export function streamName(category: string, id: string): string {
  return `${category}-${encodeURIComponent(id)}`;
}

/** The id in the name of a stream of this category; undefined when the stream is of another one. */
export function idIn(stream: string, category: string): string | undefined {
  return stream.startsWith(`${category}-`) ? decodeURIComponent(stream.slice(category.length + 1)) : undefined;
}
