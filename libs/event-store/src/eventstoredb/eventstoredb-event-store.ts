import { noRevision } from '#libs/domain';
import { checkAppend, checkLimit, checkTarget } from '../append-rules.js';
import { StoreRefusedError, UnavailableError } from '../errors.js';
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
import { pauseBeforeRetry } from '../retry-pause.js';
import { readConnectionString } from './connection-string.js';
import { KnownLog } from './known-log.js';
import { LogReader, UnknownPositionError } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import { type Notice } from './notice.js';
import { ResumingSubscription } from './resuming-subscription.js';

/**
 * `prefix` stands in front of the name of every stream, so that a store can be shared; no neighbour's may begin with it. What happens
 * to the connection and may interest an operator is told to `notice`, a line at a time, without credentials.
 *
 * Milliseconds: `appendTimeoutMs` until an append's outcome counts as unknown; `silenceMs` without an answer until a read is given up
 * and its connection replaced; `watchdogMs` between two looks whether a subscription has gone silent; `openTimeoutMs` to find a
 * server, and one that has what it must have.
 */
export type EventStoreDbOptions = {
  url: string;
  prefix?: string;
  maxAppendsInFlight?: number;
  appendTimeoutMs?: number;
  silenceMs?: number;
  watchdogMs?: number;
  openTimeoutMs?: number;
  notice?: Notice;
};

/** The log in an EventStoreDB: one connection to write, one to read and follow, opened with the first call. */
export class EventStoreDbEventStore implements EventStore {
  private readonly writer: LogWriter;
  private readonly reader: LogReader;
  private readonly subscriptions = new Set<ResumingSubscription>();
  private readonly watchdogMs: number;
  private readonly openTimeoutMs: number;
  private readonly notice: Notice;
  private readonly known: KnownLog;
  private closing: Promise<void> | undefined;

  /** @throws StoreRefusedError for a connection string or prefix that cannot be used */
  constructor(options: EventStoreDbOptions) {
    const { url, prefix = 'hydrant.', maxAppendsInFlight = 64, appendTimeoutMs = 5_000, silenceMs = 5_000 } = options;
    if (!/^([!-#%-~][!-~]*)?$/.test(prefix)) {
      throw new StoreRefusedError(
        `EVENT_STORE_PREFIX "${prefix}" is not printable ASCII that begins with another character than $`,
      );
    }
    const to = readConnectionString(url);
    this.watchdogMs = options.watchdogMs ?? 5_000;
    this.openTimeoutMs = options.openTimeoutMs ?? 30_000;
    this.notice = options.notice ?? (() => undefined);
    const known = new KnownLog({ to, silenceMs, notice: this.notice });
    this.known = known;
    this.writer = new LogWriter({ to, prefix, maxInFlight: maxAppendsInFlight, deadlineMs: appendTimeoutMs, known });
    this.reader = new LogReader({ to, prefix, silenceMs, known });
  }

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    { expectedRevision }: { expectedRevision: number },
  ): Promise<Appended> {
    checkAppend(stream, events, expectedRevision);
    this.checkOpen();
    return this.writer.append({ stream, expectedRevision }, events);
  }

  async readStream(stream: string, range: StreamRange = {}): Promise<StoredEvent[]> {
    checkTarget(stream, noRevision);
    this.checkOpen();
    return this.reader.stream(stream, range);
  }

  /** The server reads from a position on, and the event there may be gone: one more is asked for, and left out where it is that one. */
  async readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]> {
    checkLimit(limit);
    this.checkOpen();
    const page = await this.reader.page(after, after === undefined ? limit : limit + 1);
    const start = page[0]?.position === after ? 1 : 0;
    return page.slice(start, start + limit);
  }

  subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    this.checkOpen();
    this.known.raise(after);
    const { reader, watchdogMs, notice } = this;
    const onEnd = (ended: ResumingSubscription) => this.subscriptions.delete(ended);
    const subscription = new ResumingSubscription(after, { reader, handler, watchdogMs, notice, onEnd });
    this.subscriptions.add(subscription);
    return subscription;
  }

  async deleteStream(stream: string, { expectedRevision }: { expectedRevision: number }): Promise<Position> {
    checkTarget(stream, expectedRevision);
    this.checkOpen();
    return this.writer.tombstone({ stream, expectedRevision });
  }

  async head(): Promise<Position | undefined> {
    this.checkOpen();
    return this.reader.head();
  }

  /** One node after the other is asked: the first may be a leader that was. */
  async reaches(position: Position): Promise<boolean> {
    const deadline = performance.now() + this.openTimeoutMs;
    for (let retry = 0; ; retry += 1) {
      this.checkOpen();
      const answer = await this.reader.page(position, 1).catch(asAnswer);
      if (Array.isArray(answer) && answer.length > 0) return true;
      if (performance.now() > deadline) {
        if (answer instanceof UnavailableError) throw answer;
        return false;
      }
      if (!(answer instanceof UnavailableError)) this.reader.replace();
      await pauseBeforeRetry(retry);
    }
  }

  fault(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    await Promise.all([this.writer.close(), ...[...this.subscriptions].map((subscription) => subscription.close())]);
    await this.reader.close();
  }

  private checkOpen(): void {
    if (this.closing !== undefined) throw new UnavailableError('the event store is closed');
  }
}

/** What may change when another node is asked, or later. */
function asAnswer(error: unknown): UnknownPositionError | UnavailableError {
  if (error instanceof UnknownPositionError || error instanceof UnavailableError) return error;
  throw error;
}
