import { EventStoreDBClient } from '@eventstore/db-client';
import { type Channel, connectivityState, status } from '@grpc/grpc-js';
import { StoreRefusedError } from '../errors.js';
import { BackOff } from './back-off.js';
import { openChannel } from './channel.js';
import { NotSentError } from './client-errors.js';
import { type ConnectionString } from './connection-string.js';
import { Line } from './line.js';

const disposeTimeoutMs = 1_000;

/** One client of the library, made safe to use, and signals for those who hold a call of it open. */
export class Connection {
  readonly client: EventStoreDBClient;
  private readonly retiring = new AbortController();
  private channel: Channel | undefined;
  private currentLine = new Line();

  /**
   * Connects with the first call, not before its turn.
   *
   * @throws StoreRefusedError when the library cannot work with the connection string
   */
  constructor(
    private readonly to: ConnectionString,
    private readonly backOff: BackOff,
  ) {
    try {
      this.client = EventStoreDBClient.connectionString(to.url);
    } catch (error) {
      throw new StoreRefusedError(`EVENT_STORE cannot be used: ${withoutQuotes(error)}`);
    }
    this.keepChannels();
    keepFailuresInside(this.client);
  }

  /** Aborted when the connection is given up: what is still open on it will not be answered. */
  get retired(): AbortSignal {
    return this.retiring.signal;
  }

  /** What a call that is made now goes over. */
  get line(): Line {
    return this.currentLine;
  }

  /** Calls that were sent are let finish; reads and subscriptions are cancelled. Never waits long, never rejects. */
  async close(): Promise<void> {
    if (this.retired.aborted) return;
    this.retiring.abort();
    const closed = this.client.dispose().catch(() => undefined);
    this.channel?.close();
    this.loseLine();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, disposeTimeoutMs)))]);
    clearTimeout(timer);
  }

  /**
   * The library closes its channel and makes another at each failure that may mean a node is gone. To the one node that is named the
   * channel stays, and connects again by itself; where the leader is looked for, and to where a node has pointed, it is the library's way,
   * in turns.
   */
  private keepChannels(): void {
    const { client, to } = this;
    let pointedElsewhere = false;
    client['createChannel'] = async () => {
      await this.backOff.turn(this.retired).catch(() => undefined);
      const address = this.retired.aborted ? undefined : await client['resolveUri']();
      if (address === undefined || this.retired.aborted) throw new NotSentError('the connection is closed');
      this.channel = openChannel(address, to);
      this.watch(this.channel);
      return this.channel;
    };
    const reasonOf = client['shouldReconnect'] as (error: Error) => [boolean, unknown?];
    const handleError = client['handleError'];
    client['handleError'] = async (grpc, error) => {
      const [isReason, elsewhere] = reasonOf(error);
      if (!isReason || isOurOwnDoing(error)) return;
      if (elsewhere === undefined && !pointedElsewhere && !to.discovers) return;
      pointedElsewhere = elsewhere !== undefined;
      await handleError(grpc, error);
    };
  }

  /** The library may have had another channel by then: what is lost with the old one was lost when that was closed. */
  private watch(channel: Channel): void {
    let state = channel.getConnectivityState(false);
    const look = (): void => {
      if (state === connectivityState.READY) this.loseLine();
      state = channel.getConnectivityState(false);
      if (state !== connectivityState.SHUTDOWN) channel.watchConnectivityState(state, Infinity, look);
    };
    channel.watchConnectivityState(state, Infinity, look);
  }

  private loseLine(): void {
    this.currentLine.lose();
    this.currentLine = new Line();
    if (this.retired.aborted) this.currentLine.lose();
  }
}

/** The connection in use. Whoever finds that it does not answer replaces it; of many who find so at once, the first one does. */
export class ReplaceableConnection {
  private readonly backOff = new BackOff();
  private connection: Connection;
  private closed = false;

  constructor(private readonly to: ConnectionString) {
    this.connection = new Connection(to, this.backOff);
  }

  get current(): Connection {
    return this.connection;
  }

  replace(worn: Connection): void {
    if (this.closed || worn !== this.connection) return;
    this.connection = new Connection(this.to, this.backOff);
    void worn.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection.close();
  }
}

/**
 * Closes two ways in which the library lets a failure escape as an unhandled rejection, which ends the process:
 * its own reaction to an error waits for a channel that may never come about; and a call made in the moment in which another
 * call's error closes the channel throws where nobody catches.
 */
function keepFailuresInside(client: EventStoreDBClient): void {
  const handleError = client['handleError'];
  client['handleError'] = (grpc, error) => handleError(grpc, error).catch(() => undefined);
  const execute = client['execute'];
  client['execute'] = (type, name, action) =>
    execute(type, name, async (grpc) => {
      const state: connectivityState = grpc.getChannel().getConnectivityState(false);
      if (state === connectivityState.SHUTDOWN) throw new NotSentError('the connection was just closed');
      return action(grpc);
    });
}

/** A read or subscription that we broke off says nothing about the node. */
function isOurOwnDoing(error: Error & { code?: status; details?: string }): boolean {
  return error.code === status.CANCELLED && error.details === 'Cancelled on client';
}

/** The library quotes the part of the connection string it stumbles over, which may be the password. */
function withoutQuotes(error: unknown): string {
  return String(error).replace(/"[^"]*"/g, '…');
}
