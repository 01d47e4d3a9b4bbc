import { EventStoreDBClient, NO_STREAM, START, jsonEvent } from '@eventstore/db-client';
import { uuidV7 } from '#libs/crypto';

const payload = { payload: 'x'.repeat(400) };
const metadata = { payload: 'x'.repeat(160) };

/** The client library and nothing else: what the authority's rates on EventStoreDB are compared with. */
export class RawEventStoreDb {
  private readonly client: EventStoreDBClient;
  private readonly credentials: { username: string; password: string };

  constructor(
    url: string,
    private readonly streamPrefix: string,
  ) {
    this.client = EventStoreDBClient.connectionString(url);
    const [, username = 'anyone', password = 'anyone'] = /\/\/([^:@/]+):([^@/]+)@/.exec(url) ?? [];
    this.credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  }

  /** One event of 600 bytes to a stream of its own, as a call of its own: credentials keep it out of the library's batch. */
  async append(): Promise<void> {
    const id = uuidV7(new Date());
    const options = { expectedRevision: NO_STREAM, credentials: this.credentials, requiresLeader: true } as const;
    await this.client.appendToStream(
      `${this.streamPrefix}${id}`,
      jsonEvent({ id, type: 'Raw', data: payload, metadata }),
      options,
    );
  }

  /** Reads the whole log in one call, as fast as it comes. @returns how many events it has */
  countEvents(): Promise<number> {
    return new Promise((resolve, reject) => {
      let events = 0;
      const read = this.client.readAll({ fromPosition: START, credentials: this.credentials });
      read.on('data', () => (events += 1));
      read.on('error', reject);
      read.on('end', () => resolve(events));
    });
  }

  close(): Promise<void> {
    return this.client.dispose();
  }
}
