import { setTimeout as wait } from 'node:timers/promises';
import { StoreRefusedError } from '../errors.js';
import { type EventHandler, type Position, type StoredEvent, type Subscription } from '../port.js';
import { pauseBeforeRetry } from '../retry-pause.js';
import { type Connection } from './connection.js';
import { LiveFeed } from './live-feed.js';
import { type LogReader, UnknownPositionError } from './log-reader.js';
import { type Notice, RepeatedNotice } from './notice.js';

const pageSize = 1_000;
/** An event read longer ago than this may have been scavenged away since. */
const freshMs = 1_000;

type SubscriptionOptions = {
  reader: LogReader;
  handler: EventHandler;
  watchdogMs: number;
  notice: Notice;
  onEnd: (subscription: ResumingSubscription) => void;
};

/**
 * Follows the whole log: page by page up to its head, then by a subscription, and from its own position again whenever that ends.
 *
 * Pages begin with the event at the position itself, and a subscription begins only at an event that was just read: after one that is
 * gone, the server would leave out another. A watchdog compares the position with the head of the log, since a subscription can stay
 * silent for ever without an error.
 */
export class ResumingSubscription implements Subscription {
  readonly failed: Promise<never>;
  trouble: Error | undefined;
  private rejectFailed: (reason: unknown) => void = () => undefined;
  private readonly ending = new AbortController();
  /** Pending while a batch is in the handler's hands. */
  private handled: Promise<void> | undefined;
  /** Counts what happens, so that the watchdog sees when nothing does. */
  private steps = 0;
  private connection: Connection | undefined;
  private readonly resuming: RepeatedNotice;
  private readonly elsewhere: RepeatedNotice;

  constructor(
    private position: Position | undefined,
    private readonly options: SubscriptionOptions,
  ) {
    this.resuming = new RepeatedNotice(options.notice, 'warn');
    this.elsewhere = new RepeatedNotice(options.notice, 'error');
    this.failed = new Promise((_resolve, reject) => (this.rejectFailed = reject));
    this.failed.catch(() => undefined); // whoever does not watch `failed` must not get an unhandled rejection
    void this.run();
    void this.watch();
  }

  async close(): Promise<void> {
    this.end();
    await this.handled?.catch(() => undefined);
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.ended;) {
      const { steps } = this;
      try {
        await this.follow(await this.catchUp());
      } catch (error) {
        if (this.ended) return;
        if (error instanceof UnknownPositionError) this.lookElsewhere(error);
        else if (error instanceof StoreRefusedError) return this.fail(error);
        failures = this.steps > steps ? 0 : failures + 1;
        this.trouble = error instanceof Error ? error : new Error(String(error));
        this.resuming.tell(`resuming the log after position ${this.position ?? 'none'}: ${String(error)}`);
      }
      await pauseBeforeRetry(failures);
    }
  }

  /** @returns the position of an event that was just read, with nothing after it; undefined when the log is empty, or at the end */
  private async catchUp(): Promise<Position | undefined> {
    while (!this.ended) {
      const readAt = performance.now();
      const page = await this.options.reader.page(this.position, pageSize);
      this.trouble = undefined;
      const last = page.at(-1);
      if (last === undefined) return undefined;
      await this.deliver(page);
      if (page.length < pageSize && performance.now() - readAt < freshMs) return last.position;
    }
    return undefined;
  }

  /** A start makes sure that the store has the position; from then on it is the node that does not, or not yet. */
  private lookElsewhere({ message }: UnknownPositionError): void {
    this.elsewhere.tell(`${message}. Another connection is tried until there is one that has it`);
    this.options.reader.replace();
  }

  private async follow(from: Position | undefined): Promise<void> {
    if (this.ended) return;
    const { reader } = this.options;
    const opened = await reader.follow(from);
    const feed = new LiveFeed(opened, this.ending.signal);
    this.connection = opened.on;
    try {
      while (!this.ended) await this.deliver((await feed.next()).map((event) => reader.take(event, opened.line)));
    } finally {
      feed.close();
    }
  }

  /** Hands over those of the events that were not handed over yet. */
  private async deliver(events: readonly StoredEvent[]): Promise<void> {
    const { position } = this;
    const batch = position === undefined ? events : events.filter((event) => event.position > position);
    const last = batch.at(-1);
    if (last === undefined || this.ended) return;
    this.position = last.position;
    this.steps += 1;
    try {
      this.handled = Promise.resolve(this.options.handler(batch));
      await this.handled;
    } catch (error) {
      this.fail(error);
    } finally {
      this.handled = undefined;
      this.steps += 1;
    }
  }

  /** Two looks without a step between them, and the log was ahead at the first: what should have come will not. */
  private async watch(): Promise<void> {
    const { reader, watchdogMs, notice } = this.options;
    let suspectedAt: number | undefined;
    for (;;) {
      await wait(suspectedAt === undefined ? watchdogMs : watchdogMs / 5, undefined, {
        ref: false,
        signal: this.ending.signal,
      }).catch(() => undefined);
      if (this.ended) return;
      if (suspectedAt !== undefined && suspectedAt === this.steps && this.connection !== undefined) {
        notice(`nothing came after position ${this.position ?? 'none'} although the log goes on: reconnecting`, 'warn');
        reader.replace(this.connection);
      }
      suspectedAt = (await this.isBehind()) ? this.steps : undefined;
    }
  }

  private async isBehind(): Promise<boolean> {
    const { steps } = this;
    if (this.handled !== undefined) return false;
    const head = await this.options.reader.head().catch(() => undefined);
    if (head === undefined || steps !== this.steps) return false;
    return this.position === undefined || this.position < head;
  }

  private fail(error: unknown): void {
    this.end();
    this.rejectFailed(error);
  }

  private end(): void {
    this.ending.abort();
    this.options.onEnd(this);
  }
}
