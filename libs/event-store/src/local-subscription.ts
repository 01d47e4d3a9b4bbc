import { type EventHandler, type Position, type StoredEvent, type Subscription } from './port.js';
import { retryPauseMs } from './retry-pause.js';
import { storageFaultOf } from './sqlite/storage-fault.js';

type ReadPage = (after: Position | undefined, limit: number) => StoredEvent[];

const pageSize = 1_000;
const maxTail = 10_000;

/**
 * Delivers a log that lives in this process, whose pages can be read synchronously.
 *
 * Behind the head it reads page by page, leaving the event loop between pages. At the head it takes what `publish` hands over,
 * in the same turn. What is published while the handler is busy is kept up to a bound; beyond it, it reads pages again.
 * A page that the storage does not give is asked for again until it does.
 */
class LocalSubscription implements Subscription {
  readonly failed: Promise<never>;
  trouble: Error | undefined;
  private rejectFailed: (reason: unknown) => void = () => undefined;
  private tail: StoredEvent[] = [];
  /** Whether `tail` holds everything after `after`. */
  private live = false;
  /** Pending while a batch is in the handler's hands, or the next page is scheduled. */
  private busy = true;
  private closed = false;
  private handled: Promise<void> = Promise.resolve();
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;

  constructor(
    private after: Position | undefined,
    private readonly options: { handler: EventHandler; readPage: ReadPage; onEnd: (ended: LocalSubscription) => void },
  ) {
    this.failed = new Promise((_resolve, reject) => (this.rejectFailed = reject));
    this.failed.catch(() => undefined); // whoever does not watch `failed` must not get an unhandled rejection
    this.resumeNextTurn();
  }

  /** Takes events that were just stored, in log order. Never throws. */
  publish(events: readonly StoredEvent[]): void {
    if (!this.live) return;
    if (this.tail.length + events.length > maxTail) {
      this.live = false;
      this.tail = [];
    } else {
      this.tail.push(...events);
    }
    if (!this.busy) this.deliver();
  }

  async close(): Promise<void> {
    this.end();
    await this.handled;
  }

  /** A synchronous handler at the head is called again in the same turn until nothing is left. */
  private deliver(): void {
    while (!this.closed && !this.busy) {
      const wasLive = this.live;
      let pending: unknown;
      try {
        const batch = this.nextBatch();
        if (batch === undefined) return;
        const last = batch.at(-1);
        if (last === undefined) return;
        this.after = last.position;
        this.busy = true;
        pending = this.options.handler(batch);
      } catch (error) {
        this.fail(error);
        return;
      }
      if (isPromise(pending)) {
        this.handled = pending.then(
          () => this.resume(),
          (error: unknown) => this.fail(error),
        );
        return;
      }
      if (wasLive) {
        this.busy = false;
      } else {
        this.resumeNextTurn();
      }
    }
  }

  /** Undefined when the storage did not give the next page: it is tried again later. */
  private nextBatch(): StoredEvent[] | undefined {
    if (this.live) {
      const batch = this.tail;
      this.tail = [];
      return batch;
    }
    const page = this.nextPage();
    if (page !== undefined) this.live = page.length < pageSize; // a short page ends at the head: what comes later is published
    return page;
  }

  private nextPage(): StoredEvent[] | undefined {
    try {
      const page = this.options.readPage(this.after, pageSize);
      this.trouble = undefined;
      this.failures = 0;
      return page;
    } catch (error) {
      if (storageFaultOf(error) === undefined) throw error;
      this.trouble = error as Error;
      this.busy = true;
      this.retry = setTimeout(() => this.resume(), retryPauseMs(this.failures++));
      return undefined;
    }
  }

  private resumeNextTurn(): void {
    setImmediate(() => this.resume());
  }

  private resume(): void {
    this.busy = false;
    this.deliver();
  }

  private fail(error: unknown): void {
    this.end();
    this.rejectFailed(error);
  }

  private end(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.live = false;
    this.tail = [];
    this.options.onEnd(this);
  }
}

/** Not `instanceof`: a promise may come from another realm. */
function isPromise(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** The subscriptions of one store. */
export class LocalSubscriptions {
  private readonly all = new Set<LocalSubscription>();

  constructor(private readonly readPage: ReadPage) {}

  open(after: Position | undefined, handler: EventHandler): Subscription {
    const onEnd = (ended: LocalSubscription): boolean => this.all.delete(ended);
    const subscription = new LocalSubscription(after, { handler, readPage: this.readPage, onEnd });
    this.all.add(subscription);
    return subscription;
  }

  publish(events: readonly StoredEvent[]): void {
    if (events.length === 0) return;
    for (const subscription of this.all) subscription.publish(events);
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((subscription) => subscription.close()));
  }
}
