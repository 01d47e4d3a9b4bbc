import { uuidV4 } from '#libs/crypto';
import { checkAppend, checkLimit, checkTarget, isRepetition } from '../append-rules.js';
import { StreamDeletedError, UnavailableError, VersionConflictError } from '../errors.js';
import { LocalSubscriptions } from '../local-subscription.js';
import {
  type Appended,
  type EncodedEvent,
  type EventHandler,
  type EventStore,
  type Position,
  streamDeleted,
  type StoredEvent,
  type StreamRange,
  type Subscription,
} from '../port.js';

/** The log in memory, for unit tests. It passes the contract the durable adapters pass, and is asynchronous like them. */
export class MemoryEventStore implements EventStore {
  private log: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[] | 'deleted'>();
  private readonly subscriptions = new LocalSubscriptions((after, limit) => this.page(after, limit));
  private last = 0;
  private closed = false;

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    { expectedRevision }: { expectedRevision: number },
  ): Promise<Appended> {
    checkAppend(stream, events, expectedRevision);
    this.checkOpen();
    await nextTurn();
    const current = this.eventsOf(stream);
    const actualRevision = current.length - 1;
    if (actualRevision !== expectedRevision) {
      const since = current.slice(expectedRevision + 1);
      const repeated = since[events.length - 1];
      if (repeated === undefined || !isRepetition(events, since)) {
        throw new VersionConflictError(stream, expectedRevision, actualRevision);
      }
      return { revision: repeated.revision, position: repeated.position };
    }
    const added = events.map(({ id, type, data, metadata }, index) => {
      const revision = expectedRevision + 1 + index;
      return { id, type, data, metadata, stream, revision, position: this.nextPosition() };
    });
    this.streams.set(stream, [...current, ...added]);
    this.log.push(...added);
    this.subscriptions.publish(added);
    return { revision: expectedRevision + events.length, position: this.last as Position };
  }

  async readStream(stream: string, { from = 0, limit = Infinity }: StreamRange = {}): Promise<StoredEvent[]> {
    this.checkOpen();
    return this.eventsOf(stream).slice(Math.max(0, from), Math.max(0, from) + limit);
  }

  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    checkLimit(limit);
    this.checkOpen();
    return this.page(after, limit);
  }

  subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    this.checkOpen();
    return this.subscriptions.open(after, handler);
  }

  async deleteStream(stream: string, { expectedRevision }: { expectedRevision: number }): Promise<Position> {
    checkTarget(stream, expectedRevision);
    this.checkOpen();
    await nextTurn();
    const actualRevision = this.eventsOf(stream).length - 1;
    if (actualRevision !== expectedRevision) throw new VersionConflictError(stream, expectedRevision, actualRevision);
    const position = this.nextPosition();
    const deleted = { id: uuidV4(), type: streamDeleted, data: '{}', metadata: '{}', stream, revision: -1, position };
    this.streams.set(stream, 'deleted');
    this.log = [...this.log.filter((event) => event.stream !== stream), deleted];
    this.subscriptions.publish([deleted]);
    return position;
  }

  async head(): Promise<Position | undefined> {
    this.checkOpen();
    return this.log.at(-1)?.position;
  }

  async reaches(position: Position): Promise<boolean> {
    return ((await this.head()) ?? 0) >= position;
  }

  fault(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await nextTurn(); // what was begun is finished
    await this.subscriptions.close();
  }

  private checkOpen(): void {
    if (this.closed) throw new UnavailableError('the event store is closed');
  }

  private eventsOf(stream: string): StoredEvent[] {
    const events = this.streams.get(stream) ?? [];
    if (events === 'deleted') throw new StreamDeletedError(stream);
    return events;
  }

  private page(after: Position | undefined, limit: number): StoredEvent[] {
    const start = after === undefined ? 0 : firstAfter(this.log, after);
    return this.log.slice(start, start + limit);
  }

  private nextPosition(): Position {
    this.last += 1;
    return this.last as Position;
  }
}

/** Writes take effect a turn of the event loop later, as they do where a commit waits for the other writes of its turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Binary search: the log may be long and is read page by page. */
function firstAfter(log: readonly StoredEvent[], position: Position): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (log[middle]!.position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
