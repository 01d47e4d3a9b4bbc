import { type AllStreamSubscription, type ReadPosition, START } from '@eventstore/db-client';
import { StoreRefusedError, UnavailableError } from '../errors.js';
import { type Position, type StoredEvent, type StreamRange } from '../port.js';
import { pauseBeforeRetry } from '../retry-pause.js';
import { isSilence, kindOf, readFailure } from './client-errors.js';
import { type ConnectionString } from './connection-string.js';
import { type Connection, ReplaceableConnection } from './connection.js';
import { BehindError, type KnownLog } from './known-log.js';
import { type Line } from './line.js';
import { fromServerEvent, type ServerEvent } from './stored-form.js';
import { readToEnd, type ServerRead } from './timed-read.js';

const maxLooks = 3;
/** How many events a subscription keeps ready for a busy handler. */
const maxReady = 512;

type ReaderOptions = { to: ConnectionString; prefix: string; silenceMs: number; known: KnownLog };
/** A subscription that was just asked for, and what it is on. */
export type OpenedFeed = { readonly feed: AllStreamSubscription; readonly on: Connection; readonly line: Line };

/** The node that answered cannot make out a position of ours: it has, or had, another log. */
export class UnknownPositionError extends StoreRefusedError {}

/**
 * Reads the log over a connection of its own, which is replaced when a read stays unanswered, or is answered by a node that knows less
 * than this instance.
 */
export class LogReader {
  private readonly connection: ReplaceableConnection;
  private readonly credentials: ConnectionString['credentials'];

  constructor(private readonly options: ReaderOptions) {
    this.connection = new ReplaceableConnection(options.to);
    this.credentials = options.to.credentials;
  }

  /** @throws StreamDeletedError | UnavailableError */
  async stream(stream: string, { from = 0, limit }: StreamRange): Promise<StoredEvent[]> {
    const { prefix } = this.options;
    const name = prefix + stream;
    const fromRevision = BigInt(Math.max(0, from));
    const count = limit === undefined ? {} : { maxCount: limit };
    const options = { fromRevision, ...count, requiresLeader: true, credentials: this.credentials };
    try {
      return await this.read(({ client }) => client.readStream(name, options));
    } catch (error) {
      if (kindOf(error) === 'stream-not-found') return [];
      throw readFailure(error, stream);
    }
  }

  /**
   * At most `count` events of the log, the one at `from` itself first when it still exists.
   *
   * @throws UnavailableError
   * @throws UnknownPositionError when the store has no such position: it is another one, or a restored backup
   */
  async page(from: Position | undefined, count: number): Promise<StoredEvent[]> {
    for (let look = 1; ; look += 1) {
      try {
        const options = { fromPosition: wirePosition(from), maxCount: count, credentials: this.credentials };
        return await this.read(({ client }) => client.readAll(options));
      } catch (error) {
        if (kindOf(error) !== 'unknown' || from === undefined) throw readFailure(error);
        await this.head(); // a server that answers this is well: it is the position that it cannot make out
        if (look === maxLooks) throw unknownPosition(from, error);
      }
      await pauseBeforeRetry(look);
    }
  }

  /** @throws UnavailableError */
  async head(): Promise<Position | undefined> {
    const on = this.current();
    try {
      return await this.options.known.head(on);
    } catch (error) {
      this.replaceUseless(on, error);
      throw readFailure(error);
    }
  }

  /**
   * Opens a subscription to what follows an event, which must exist: where it does not, the server may leave out another one. It is to end
   * with its line.
   *
   * @throws UnavailableError
   */
  async follow(from: Position | undefined): Promise<OpenedFeed> {
    const on = this.current();
    const line = await this.proven(on);
    const options = { fromPosition: wirePosition(from), credentials: this.credentials };
    return { feed: on.client.subscribeToAll(options, { highWaterMark: maxReady }), on, line };
  }

  /** Starts anew on another connection; what is open on this one is cut off. */
  replace(worn: Connection = this.connection.current): void {
    this.connection.replace(worn);
  }

  /** What has come from a subscription is known from then on. */
  take(event: ServerEvent, line: Line): StoredEvent {
    const stored = fromServerEvent(this.options.prefix, event);
    this.options.known.raise(stored.position, line);
    return stored;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private current(): Connection {
    const { current } = this.connection;
    if (current.retired.aborted) throw new UnavailableError('the event store is closed');
    return current;
  }

  /** An answer counts, be it that there is nothing, when it came from the node that was seen to know enough. */
  private async read(start: (on: Connection) => ServerRead): Promise<StoredEvent[]> {
    const on = this.current();
    const line = await this.proven(on);
    const events: StoredEvent[] = [];
    try {
      await readToEnd(start(on), {
        silenceMs: this.options.silenceMs,
        cutOff: on.retired,
        take: (event) => events.push(fromServerEvent(this.options.prefix, event)),
      });
    } catch (error) {
      this.replaceUseless(on, error);
      throw line.lost.aborted ? lineLost(error) : error;
    }
    if (line.lost.aborted) throw lineLost();
    this.options.known.raise(events.at(-1)?.position, line);
    return events;
  }

  /** @throws UnavailableError */
  private async proven(on: Connection): Promise<Line> {
    try {
      return await this.options.known.provenLine(on);
    } catch (error) {
      this.replaceUseless(on, error);
      throw readFailure(error);
    }
  }

  private replaceUseless(on: Connection, error: unknown): void {
    if (isSilence(error) || error instanceof BehindError) this.connection.replace(on);
  }
}

function lineLost(cause?: unknown): UnavailableError {
  return new UnavailableError('the connection to the event store was lost during a read', { cause });
}

function unknownPosition(position: Position, cause?: unknown): UnknownPositionError {
  return new UnknownPositionError(
    `the event store has no position ${position}: it is another store or a restored backup, rebuild what follows it`,
    { cause },
  );
}

function wirePosition(position: Position | undefined): ReadPosition {
  return position === undefined ? START : { commit: BigInt(position), prepare: BigInt(position) };
}
