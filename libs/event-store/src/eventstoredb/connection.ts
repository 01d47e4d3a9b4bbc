import { EventStoreDBClient } from '@eventstore/db-client';
import { StoreRefusedError } from '../errors.js';
import { NotSentError } from './client-errors.js';
import { type ConnectionString } from './connection-string.js';

const disposeTimeoutMs = 1_000;
/** What a gRPC channel says of itself once it is closed. */
const shutDown = 4;

/** One client of the library, made safe to use, and a signal for those who hold a call of it open. */
export class Connection {
  readonly client: EventStoreDBClient;
  private readonly retiring = new AbortController();

  /** Connects with the first call. @throws StoreRefusedError when the library cannot work with the connection string */
  constructor({ url }: ConnectionString) {
    try {
      this.client = EventStoreDBClient.connectionString(url);
    } catch (error) {
      throw new StoreRefusedError(`EVENT_STORE cannot be used: ${withoutQuotes(error)}`);
    }
    keepFailuresInside(this.client);
  }

  /** Aborted when the connection is given up: what is still open on it will not be answered. */
  get retired(): AbortSignal {
    return this.retiring.signal;
  }

  /** Calls that were sent are let finish; reads and subscriptions are cancelled. Never waits long, never rejects. */
  async close(): Promise<void> {
    if (this.retired.aborted) return;
    this.retiring.abort();
    const { client } = this;
    client['resolveUri'] = () => Promise.reject(new NotSentError('the connection is closed'));
    const closed = Promise.allSettled([client.dispose(), client['getChannel']().then((channel) => channel.close())]);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, disposeTimeoutMs)))]);
    clearTimeout(timer);
  }
}

/** The connection in use. Whoever finds that it does not answer replaces it; of many who find so at once, the first one does. */
export class ReplaceableConnection {
  private connection: Connection;
  private closed = false;

  constructor(private readonly to: ConnectionString) {
    this.connection = new Connection(to);
  }

  get current(): Connection {
    return this.connection;
  }

  replace(worn: Connection): void {
    if (this.closed || worn !== this.connection) return;
    this.connection = new Connection(this.to);
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
      const state: number = grpc.getChannel().getConnectivityState(false);
      if (state === shutDown) throw new NotSentError('the connection was just closed');
      return action(grpc);
    });
}

/** The library quotes the part of the connection string it stumbles over, which may be the password. */
function withoutQuotes(error: unknown): string {
  return String(error).replace(/"[^"]*"/g, '…');
}
