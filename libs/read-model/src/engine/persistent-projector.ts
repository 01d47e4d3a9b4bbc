import { type Eventually, type Position, pauseBeforeRetry, type StoredEvent, storageFaultOf } from '#libs/event-store';
import { type Projector } from './projector.js';

/**
 * Applies events as the projector does, and again while it is the storage that does not take them: a batch is undone as a whole, and
 * whatever follows waits.
 */
export class PersistentProjector {
  /** What the storage said to the last attempt; undefined when it took what there was. */
  fault: Error | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly projector: Projector) {}

  get appliedUpTo(): Position | undefined {
    return this.projector.appliedUpTo;
  }

  /**
   * Resolves also when it was closed before all could be applied.
   *
   * @throws ProjectionError | CodecError (or rejects with it) as the projector does, where the storage is not at fault
   */
  apply(events: readonly StoredEvent[]): Eventually<void> {
    try {
      const pending = this.projector.apply(events);
      return pending?.catch((error: unknown) => this.applyAgain(events, error));
    } catch (error) {
      if (storageFaultOf(error) === undefined) throw error;
      return this.applyAgain(events, error);
    }
  }

  /** Gives up what is tried again. */
  close(): void {
    this.ending.abort();
  }

  private async applyAgain(events: readonly StoredEvent[], reason: unknown): Promise<void> {
    let error = reason;
    for (let retry = 0; !this.ending.signal.aborted; retry += 1) {
      if (storageFaultOf(error) === undefined) throw error;
      this.fault = error as Error;
      await pauseBeforeRetry(retry, this.ending.signal);
      if (this.ending.signal.aborted) return;
      try {
        const { appliedUpTo } = this;
        await this.projector.apply(
          appliedUpTo === undefined ? events : events.filter(({ position }) => position > appliedUpTo),
        );
        this.fault = undefined;
        return;
      } catch (again) {
        error = again;
      }
    }
  }
}
