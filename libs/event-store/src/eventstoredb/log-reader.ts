import { type AllStreamSubscription, BACKWARDS, END, type ReadPosition, START } from '@eventstore/db-client';
import { StoreRefusedError, UnavailableError } from '../errors.js';
import { type Position, type StoredEvent } from '../port.js';
import { pauseBeforeRetry } from '../retry-pause.js';
import { isSilence, kindOf, readFailure } from './client-errors.js';
import { type ConnectionString } from './connection-string.js';
import { type Connection, ReplaceableConnection } from './connection.js';
import { fromServerEvent, type ServerEvent } from './stored-form.js';
import { readToEnd, type ServerRead } from './timed-read.js';

const maxLooks = 3;
/** How many events a subscription keeps ready for a busy handler. */
const maxReady = 512;

type ReaderOptions = { to: ConnectionString; prefix: string; silenceMs: number };
/** A subscription that was just asked for, and the connection it is on. */
export type OpenedFeed = { readonly feed: AllStreamSubscription; readonly on: Connection };

/** Reads the log over a connection of its own, which is replaced when a read stays unanswered. */
export class LogReader {
  private readonly connection: ReplaceableConnection;
  private readonly credentials: ConnectionString['credentials'];

  constructor(private readonly options: ReaderOptions) {
    this.connection = new ReplaceableConnection(options.to);
    this.credentials = options.to.credentials;
  }

  /** @throws StreamDeletedError | UnavailableError */
  async stream(stream: string, from: number): Promise<StoredEvent[]> {
    const { prefix } = this.options;
    const name = prefix + stream;
    const options = { fromRevision: BigInt(from), requiresLeader: true, credentials: this.credentials };
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
   * @throws StoreRefusedError when the store has no such position: it is another one, or a restored backup
   */
  async page(from: Position | undefined, count: number): Promise<StoredEvent[]> {
    for (let look = 1; ; look += 1) {
      try {
        const options = { fromPosition: wirePosition(from), maxCount: count, credentials: this.credentials };
        return await this.read(({ client }) => client.readAll(options));
      } catch (error) {
        if (kindOf(error) !== 'unknown' || from === undefined) throw readFailure(error);
        await this.head(); // a server that answers this is well: it is the position that it cannot make out
        if (look === maxLooks) throw notInThisStore(from, error);
      }
      await pauseBeforeRetry(look);
    }
  }

  /** @throws UnavailableError */
  async head(): Promise<Position | undefined> {
    const options = {
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: 1,
      requiresLeader: true,
      credentials: this.credentials,
    } as const;
    try {
      const [last] = await this.read(({ client }) => client.readAll(options));
      return last?.position;
    } catch (error) {
      throw readFailure(error);
    }
  }

  /** Opens a subscription to what follows an event, which must exist: where it does not, the server may leave out another one. */
  follow(from: Position | undefined): OpenedFeed {
    const on = this.connection.current;
    const options = { fromPosition: wirePosition(from), credentials: this.credentials };
    return { feed: on.client.subscribeToAll(options, { highWaterMark: maxReady }), on };
  }

  /** Starts anew on another connection; what is open on this one is cut off. */
  replace(worn: Connection): void {
    this.connection.replace(worn);
  }

  decode(event: ServerEvent): StoredEvent {
    return fromServerEvent(this.options.prefix, event);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async read(start: (on: Connection) => ServerRead): Promise<StoredEvent[]> {
    const connection = this.connection.current;
    if (connection.retired.aborted) throw new UnavailableError('the event store is closed');
    try {
      const events: StoredEvent[] = [];
      await readToEnd(start(connection), {
        silenceMs: this.options.silenceMs,
        cutOff: connection.retired,
        take: (event) => events.push(this.decode(event)),
      });
      return events;
    } catch (error) {
      if (isSilence(error)) this.connection.replace(connection);
      throw error;
    }
  }
}

/** @returns the refusal of a position that cannot have come from this store */
export function notInThisStore(position: Position, cause?: unknown): StoreRefusedError {
  return new StoreRefusedError(
    `the event store has no position ${position}: it is another store or a restored backup, rebuild what follows it`,
    { cause },
  );
}

function wirePosition(position: Position | undefined): ReadPosition {
  return position === undefined ? START : { commit: BigInt(position), prepare: BigInt(position) };
}
