import { setImmediate as nextTurn } from 'node:timers/promises';
import { subjectKey } from '#libs/domain';
import { type StoredEvent, streamDeleted, UnavailableError } from '#libs/event-store';
import { type EventQueue } from './event-queue.js';
import { batchBytes, batchRecords, maxRecordBytes, recordBytes } from './limits.js';
import { type LogRecord, type MapEvent, UnpublishableEventError } from './port.js';

const turnEvents = 100;
/** The same while a batch is published, which takes many small steps. */
const turnEventsAhead = 20;
const mostAhead = 2 * batchRecords;

/** Events that follow each other in the log, and what is published of them. `refused` comes right behind the last of them. */
export type Batch = {
  readonly records: readonly LogRecord[];
  /** The last event of the batch, and the one before it; undefined when the batch has none. */
  readonly last: StoredEvent | undefined;
  readonly beforeLast: StoredEvent | undefined;
  readonly refused: UnpublishableEventError | undefined;
};

type Mapped = { readonly event: StoredEvent; readonly record: LogRecord | undefined; readonly bytes: number };

/** Cuts what comes out of a queue into batches below the limits of a transaction. */
export class Batches {
  private map: MapEvent;
  /** What was mapped and is in no batch yet, and the bytes of that. */
  private readonly ready: Mapped[] = [];
  private readyBytes = 0;
  /** Why nothing can be mapped behind that. */
  private failure: Error | undefined;

  constructor(
    private readonly queue: EventQueue,
    private readonly mapping: () => MapEvent,
  ) {
    this.map = mapping();
  }

  /**
   * What there is by now, up to the limits; waits for the first event at most so long.
   *
   * @throws UnavailableError when the store cannot be asked now; the events of this batch are lost to this object
   */
  async next(waitMs: number): Promise<Batch> {
    if (this.ready.length === 0 && this.failure === undefined) await this.queue.arrived(waitMs);
    const records: LogRecord[] = [];
    let [last, beforeLast]: (StoredEvent | undefined)[] = [];
    let bytes = 0;
    for (let events = 1; records.length < batchRecords; events += 1) {
      if (this.ready.length === 0 && !(await this.mapAnother())) break;
      const [mapped] = this.ready as [Mapped];
      if (records.length > 0 && bytes + mapped.bytes > batchBytes) break;
      this.ready.shift();
      this.readyBytes -= mapped.bytes;
      [last, beforeLast] = [mapped.event, last];
      bytes += mapped.bytes;
      if (mapped.record !== undefined) records.push(mapped.record);
      if (events % turnEvents === 0) await nextTurn(); // where the relay shares its process, others get their turn
      if (events >= batchRecords * 10) break; // positions of events that are not published are recorded too
    }
    if (this.ready.length > 0 || this.failure === undefined) return { records, last, beforeLast, refused: undefined };
    if (this.failure instanceof UnpublishableEventError) return { records, last, beforeLast, refused: this.failure };
    throw this.failure;
  }

  /**
   * Maps for the batches to come while another one is published.
   *
   * @throws what publishing rejects with
   */
  async mapDuring(publishing: Promise<void>): Promise<void> {
    let over = false;
    const end = (): void => void (over = true);
    publishing.then(end, end);
    for (let events = 1; !over && this.ready.length < mostAhead && this.readyBytes < batchBytes; events += 1) {
      if (!(await this.mapAnother())) break;
      if (events % turnEventsAhead === 0) await nextTurn();
    }
    await publishing;
  }

  /** @returns false when there is no event now, or nothing can be mapped any more */
  private async mapAnother(): Promise<boolean> {
    const event = this.failure === undefined ? this.queue.shift() : undefined;
    if (event === undefined) return false;
    try {
      const mapped = await this.mapped(event);
      this.ready.push(mapped);
      this.readyBytes += mapped.bytes;
      return true;
    } catch (error) {
      this.failure = error as Error;
      return false;
    }
  }

  /** @throws UnpublishableEventError | UnavailableError */
  private async mapped(event: StoredEvent): Promise<Mapped> {
    if (isErasure(event)) this.map = this.mapping();
    if (event.type.startsWith('$')) return { event, record: undefined, bytes: 0 };
    let record: LogRecord | undefined;
    try {
      record = await this.map(event);
    } catch (error) {
      if (error instanceof UnavailableError || error instanceof UnpublishableEventError) throw error;
      throw new UnpublishableEventError(event, String(error), { cause: error });
    }
    const bytes = record === undefined ? 0 : recordBytes(record);
    if (bytes <= maxRecordBytes) return { event, record, bytes };
    throw new UnpublishableEventError(event, `its record has ${bytes} bytes, ${maxRecordBytes} are allowed`);
  }
}

/** A person was erased: what a mapping has in memory may still name them. */
function isErasure({ type, stream }: StoredEvent): boolean {
  return type === streamDeleted && stream.startsWith(subjectKey.streamOf(''));
}
