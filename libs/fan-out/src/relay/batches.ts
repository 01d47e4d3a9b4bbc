import { setImmediate as nextTurn } from 'node:timers/promises';
import { subjectKey } from '#libs/domain';
import { type StoredEvent, streamDeleted, UnavailableError } from '#libs/event-store';
import { type EventQueue } from './event-queue.js';
import { batchBytes, batchRecords, maxRecordBytes, recordBytes } from './limits.js';
import { type LogRecord, type MapEvent, UnpublishableEventError } from './port.js';

const turnEvents = 100;

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
  /** Was mapped, and did not fit into the batch before. */
  private left: Mapped | undefined;
  private map: MapEvent;

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
    if (this.left === undefined) await this.queue.arrived(waitMs);
    const records: LogRecord[] = [];
    let [last, beforeLast]: (StoredEvent | undefined)[] = [];
    let bytes = 0;
    for (let events = 1; records.length < batchRecords; events += 1) {
      let mapped = this.left;
      this.left = undefined;
      if (mapped === undefined) {
        const event = this.queue.shift();
        if (event === undefined) break;
        const result = await this.mapped(event);
        if (result instanceof UnpublishableEventError) return { records, last, beforeLast, refused: result };
        mapped = result;
      }
      if (records.length > 0 && bytes + mapped.bytes > batchBytes) {
        this.left = mapped;
        break;
      }
      [last, beforeLast] = [mapped.event, last];
      bytes += mapped.bytes;
      if (mapped.record !== undefined) records.push(mapped.record);
      if (events % turnEvents === 0) await nextTurn(); // where the relay shares its process, others get their turn
      if (events >= batchRecords * 10) break; // positions of events that are not published are recorded too
    }
    return { records, last, beforeLast, refused: undefined };
  }

  private async mapped(event: StoredEvent): Promise<Mapped | UnpublishableEventError> {
    if (isErasure(event)) this.map = this.mapping();
    if (event.type.startsWith('$')) return { event, record: undefined, bytes: 0 };
    try {
      const record = await this.map(event);
      const bytes = record === undefined ? 0 : recordBytes(record);
      if (bytes <= maxRecordBytes) return { event, record, bytes };
      return new UnpublishableEventError(event, `its record has ${bytes} bytes, ${maxRecordBytes} are allowed`);
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      if (error instanceof UnpublishableEventError) return error;
      return new UnpublishableEventError(event, String(error), { cause: error });
    }
  }
}

/** A person was erased: what a mapping has in memory may still name them. */
function isErasure({ type, stream }: StoredEvent): boolean {
  return type === streamDeleted && stream.startsWith(subjectKey.streamOf(''));
}
