import {
  type Appended,
  type EncodedEvent,
  type EventHandler,
  type EventStore,
  type Position,
  type StoredEvent,
  type StreamRange,
  type Subscription,
} from '../port.js';

/** What happens to one append instead of just being passed on. */
export type AppendFault = (forward: () => Promise<Appended>) => Promise<Appended>;

/** Passes everything on to another store, but for appends that a test lets go wrong. */
export class FaultyEventStore implements EventStore {
  /** Every append that was asked for, also those that went wrong. */
  readonly attempts: { stream: string; events: readonly EncodedEvent[]; expectedRevision: number }[] = [];
  private readonly faults: AppendFault[] = [];

  constructor(private readonly inner: EventStore) {}

  /** Faults are used up in order, one per append. */
  failNextAppends(...faults: AppendFault[]): void {
    this.faults.push(...faults);
  }

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    options: { expectedRevision: number },
  ): Promise<Appended> {
    this.attempts.push({ stream, events, ...options });
    const fault = this.faults.shift();
    const forward = () => this.inner.append(stream, events, options);
    return fault === undefined ? forward() : fault(forward);
  }

  readStream(stream: string, range?: StreamRange): Promise<StoredEvent[]> {
    return this.inner.readStream(stream, range);
  }

  readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    return this.inner.readAll(after, limit);
  }

  subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    return this.inner.subscribe(after, handler);
  }

  deleteStream(stream: string, options: { expectedRevision: number }): Promise<Position> {
    return this.inner.deleteStream(stream, options);
  }

  head(): ReturnType<EventStore['head']> {
    return this.inner.head();
  }

  reaches(position: Position): Promise<boolean> {
    return this.inner.reaches(position);
  }

  fault(): ReturnType<EventStore['fault']> {
    return this.inner.fault();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
