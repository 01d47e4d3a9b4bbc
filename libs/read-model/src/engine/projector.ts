import { type DomainEvent } from '#libs/domain';
import {
  CodecError,
  type EventCodec,
  type Eventually,
  type Position,
  type RecordedEvent,
  streamDeleted,
  type StoredEvent,
} from '#libs/event-store';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { type ReadModelDatabase, inTransaction } from './database.js';
import { ProjectionError } from './errors.js';
import { tokenEndings } from '../liveness.js';
import { tokensMayHaveEnded } from '../tokens/recent-tokens.js';
import { ignoredTypes, projections, projectionsByType } from './projections.js';

/** What reads stored events; the codec does. */
export type EventDecoder = Pick<EventCodec, 'decode'>;

/** `undefined`: nothing to apply, only the checkpoint moves. A failure is kept so that what lies before it is applied first. */
type Decoded = RecordedEvent | ProjectionError | CodecError | undefined;

const followsDeletions = projections.filter((projection) => 'streamDeleted' in projection);

/** Applies the log to the views, in order; rows and checkpoint move together. */
export class Projector {
  private position: Position | undefined;

  constructor(
    private readonly db: ReadModelDatabase,
    private readonly decoder: EventDecoder,
    private readonly batchSize: number,
  ) {
    this.position = readCheckpoint(db)?.position;
  }

  get appliedUpTo(): Position | undefined {
    return this.position;
  }

  /**
   * Applies events that follow what was applied; synchronous when all of them can be decoded at once.
   *
   * @throws ProjectionError | CodecError (or rejects with it) in front of the first event that cannot be applied; all before it are
   */
  apply(events: readonly StoredEvent[]): Eventually<void> {
    for (let start = 0; start < events.length; start += this.batchSize) {
      const batch = events.slice(start, start + this.batchSize);
      const decoded = settled(batch.map((stored) => this.decode(stored)));
      if (decoded instanceof Promise) {
        return decoded.then((items) => {
          this.applyBatch(batch, items);
          return this.apply(events.slice(start + this.batchSize));
        });
      }
      this.applyBatch(batch, decoded);
    }
  }

  private decode(stored: StoredEvent): Eventually<Decoded> {
    if (stored.type.startsWith('$') || ignoredTypes.has(stored.type)) return undefined;
    try {
      const recorded = this.decoder.decode(stored);
      return recorded instanceof Promise ? recorded.catch((error: unknown) => failure(stored, error)) : recorded;
    } catch (error) {
      return failure(stored, error);
    }
  }

  private applyBatch(batch: readonly StoredEvent[], decoded: readonly Decoded[]): void {
    const failedAt = decoded.findIndex((item) => item instanceof Error);
    const count = failedAt < 0 ? batch.length : failedAt;
    const last = batch[count - 1];
    if (last !== undefined) {
      inTransaction(this.db, () => {
        for (let index = 0; index < count; index += 1) this.applyOne(batch[index]!, decoded[index]);
        const previous = batch[count - 2]?.position ?? this.position;
        writeCheckpoint(this.db, { position: last.position, eventId: last.id, previous });
      });
      this.position = last.position;
    }
    if (failedAt >= 0) throw decoded[failedAt] as Error;
  }

  private applyOne(stored: StoredEvent, decoded: Decoded): void {
    if (tokenEndings.has(stored.type)) tokensMayHaveEnded(this.db);
    try {
      if (decoded !== undefined) {
        const recorded = decoded as RecordedEvent<DomainEvent>;
        for (const projection of projectionsByType.get(recorded.event.type) ?? []) projection.apply(this.db, recorded);
      } else if (stored.type === streamDeleted) {
        for (const projection of followsDeletions) projection.streamDeleted?.(this.db, stored.stream);
      }
    } catch (error) {
      throw new ProjectionError(stored, error);
    }
  }
}

function settled(items: readonly Eventually<Decoded>[]): Eventually<readonly Decoded[]> {
  const now: Decoded[] = [];
  for (const item of items) {
    if (item instanceof Promise) return Promise.all(items.map(async (each) => each));
    now.push(item);
  }
  return now;
}

function failure(stored: StoredEvent, error: unknown): ProjectionError | CodecError {
  return error instanceof CodecError ? error : new ProjectionError(stored, error);
}
