import { type Position, type StoredEvent } from '#libs/event-store';

/** What subscribers get: `topic` without the prefix, `key` decides about the partition, `timestamp` in milliseconds. */
export type LogRecord = {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
};

/** A record where it was found, with its topic's whole name. */
export type PublishedRecord = LogRecord & { readonly partition: number; readonly offset: number };

/** What subscribers get of an event of ours; undefined when it is none of their business. It may look at earlier events of the event's stream. */
export type MapEvent = (event: StoredEvent) => Promise<LogRecord | undefined>;

/**
 * How far the log was published: up to and with an event of a certain log, whose id is not known where publishing began. `previous` is the
 * position of the event seen before it: reading on from there must give that event again, or, when its stream was deleted, a later one.
 */
export type RelayPosition = {
  readonly position: Position;
  readonly eventId: string | undefined;
  readonly previous: Position | undefined;
  readonly logId: string;
};

/**
 * Where reading goes on when the log is published up to a position. Zero stands for the place in front of the first event, which no store
 * has a position for.
 */
export function behind(position: Position | undefined): Position | undefined {
  return position === 0 ? undefined : position;
}

/**
 * Where records go. Whoever opened it last is the only one whose records are committed: all others are fenced.
 *
 * After any error nothing is known about what was under way, and nothing more can be published until `open` was called again.
 */
export interface LogPublisher {
  /**
   * Shuts out whoever published before, settles what they left open, then says how far the log was published.
   *
   * @returns undefined when nothing was ever published
   * @throws RelayRefusedError when what is there cannot be trusted; anything else may go by itself
   */
  open(): Promise<RelayPosition | undefined>;

  /**
   * Publishes records together with the position that they reach: readers of committed records see all of it or nothing.
   *
   * @throws FencedError when another one was opened since
   */
  publish(records: readonly LogRecord[], position: RelayPosition): Promise<void>;

  close(): Promise<void>;
}

/** Which of several relays tries. It is advice, for the sake of order: that no two publish at once is the publisher's affair. */
export interface RelayTurns {
  /** Whether it was this relay's turn when last heard. */
  readonly mine: boolean;
  /** Resolves when it is this relay's turn, or the signal says stop. `afresh`: what was heard before this call does not count. */
  wait(signal: AbortSignal, afresh: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Another publisher was opened since; nothing of what was under way is committed. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** What is there cannot be trusted, or cannot be published, until somebody has looked at it. */
export class RelayRefusedError extends Error {
  override readonly name = 'RelayRefusedError';
}

/** An event that cannot be published: the relay stops in front of it and never goes past it. */
export class UnpublishableEventError extends RelayRefusedError {
  constructor(
    readonly event: Pick<StoredEvent, 'id' | 'type' | 'position' | 'stream'>,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`event ${event.type} ${event.id} at position ${event.position} cannot be published: ${why}`, options);
  }
}
