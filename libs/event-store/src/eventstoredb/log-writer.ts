import { type AppendToStreamOptions, NO_STREAM, type TombstoneStreamOptions } from '@eventstore/db-client';
import { noRevision } from '#libs/domain';
import { OutcomeUnknownError } from '../errors.js';
import { type Appended, type EncodedEvent, type Position } from '../port.js';
import { pauseBeforeRetry } from '../retry-pause.js';
import { BoundedCalls } from './bounded-calls.js';
import {
  isGivenUpByServer,
  isMisdirected,
  isSilence,
  NoAnswerError,
  readFailure,
  writeFailure,
} from './client-errors.js';
import { type ConnectionString } from './connection-string.js';
import { type Connection, ReplaceableConnection } from './connection.js';
import { BehindError, type KnownLog } from './known-log.js';
import { toPosition, toServerEvent } from './stored-form.js';

const maxRetries = 5;
/** The library's deadline begins when it has found a node; ours, that much later, bounds the search too. */
const searchGraceMs = 1_000;

type Write = { readonly stream: string; readonly expectedRevision: number };
/** `repeatable`: doing it twice is doing it once, and has the same answer. */
type Attempt = Write & { readonly bytes: number; readonly repeatable: boolean };
type WriterOptions = {
  to: ConnectionString;
  prefix: string;
  maxInFlight: number;
  deadlineMs: number;
  known: KnownLog;
};

/** Appends and deletes, over a connection of its own. Each call has a deadline, and a bounded number is under way. */
export class LogWriter {
  private readonly connection: ReplaceableConnection;
  private readonly calls: BoundedCalls;

  constructor(private readonly options: WriterOptions) {
    this.connection = new ReplaceableConnection(options.to);
    this.calls = new BoundedCalls(options.maxInFlight, 2 * options.deadlineMs);
  }

  /** @throws as `EventStore.append` */
  append(write: Write, events: readonly EncodedEvent[]): Promise<Appended> {
    const batch = events.map(toServerEvent);
    const bytes = events.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
    return this.calls.run(() =>
      this.attempt({ ...write, bytes, repeatable: true }, async ({ client }) => {
        const { success, nextExpectedRevision, position } = await client.appendToStream(
          this.options.prefix + write.stream,
          batch,
          this.callOptions(write),
        );
        if (!success)
          throw new OutcomeUnknownError(`an append to ${write.stream} has no answer that can be understood`);
        return { revision: Number(nextExpectedRevision), position: toPosition(position?.commit) };
      }),
    );
  }

  /** @throws as `EventStore.deleteStream` */
  async tombstone(write: Write): Promise<Position> {
    const { position } = await this.calls.run(() =>
      this.attempt({ ...write, bytes: 0, repeatable: false }, async ({ client }) => {
        const answer = await client.tombstoneStream(this.options.prefix + write.stream, this.callOptions(write));
        return { position: toPosition(answer.position?.commit) };
      }),
    );
    return position;
  }

  /** Finishes what was begun, as far as the server answers in time. */
  async close(): Promise<void> {
    await this.calls.idle(this.options.deadlineMs + searchGraceMs);
    await this.connection.close();
  }

  /** With credentials in the call the library sends it alone, with a deadline, instead of in its batch. */
  private callOptions({ expectedRevision }: Write): AppendToStreamOptions & TombstoneStreamOptions {
    return {
      expectedRevision: expectedRevision === noRevision ? NO_STREAM : BigInt(expectedRevision),
      credentials: this.options.to.credentials,
      deadline: this.options.deadlineMs,
      requiresLeader: true,
    };
  }

  /**
   * What was not taken, because it met a node that does not lead or a channel being closed, is sent again. So is, once, an append the
   * server gave up: of two identical ones under way together it answers the second that way, and a third with the first's answer.
   */
  private async attempt<T extends { position: Position }>(
    write: Attempt,
    send: (to: Connection) => Promise<T>,
  ): Promise<T> {
    let { repeatable } = write;
    for (let retry = 0; ; retry += 1) {
      const connection = this.connection.current;
      try {
        return await this.overProvenLine(connection, write, send);
      } catch (error) {
        if (isSilence(error) || error instanceof BehindError) this.connection.replace(connection);
        const again = isMisdirected(error) || (repeatable && isGivenUpByServer(error));
        if (!again || retry === maxRetries) throw writeFailure(error, write);
        repeatable &&= !isGivenUpByServer(error);
      }
      await pauseBeforeRetry(retry);
    }
  }

  /** Nothing is written to a node that has not been seen to have what is known; whether it was, is unknown where the line was lost. */
  private async overProvenLine<T extends { position: Position }>(
    connection: Connection,
    { stream }: Attempt,
    send: (to: Connection) => Promise<T>,
  ): Promise<T> {
    const { known } = this.options;
    const line = await known.provenOnce(connection).catch((error: unknown) => {
      if (isSilence(error)) this.connection.replace(connection);
      throw isMisdirected(error) ? error : readFailure(error);
    });
    const answer = await this.withinTime(send(connection));
    if (line.lost.aborted) throw new OutcomeUnknownError(`the connection was lost during a write to ${stream}`);
    known.raise(answer.position, line);
    return answer;
  }

  private withinTime<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timeoutMs = this.options.deadlineMs + searchGraceMs;
      const timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${timeoutMs} ms`)), timeoutMs);
      void answer.then(resolve, reject).then(() => clearTimeout(timer));
    });
  }
}
