import { type Position } from '#libs/event-store';
import { ReadModelBehindError } from './errors.js';

type Waiter = { readonly position: Position; settle(error?: Error): void };

/** Callers that wait until a position is applied. */
export class PositionWaiters {
  private readonly waiting = new Set<Waiter>();

  /** @throws ReadModelBehindError (rejects with it) after `timeoutMs` (Infinity: never) */
  add(position: Position, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        position,
        settle: (error) => {
          this.waiting.delete(waiter);
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const late = (): void => waiter.settle(new ReadModelBehindError(`position ${position} was not applied in time`));
      const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
      this.waiting.add(waiter);
    });
  }

  reached(applied: Position): void {
    for (const waiter of this.waiting) if (waiter.position <= applied) waiter.settle();
  }

  refuse(error: Error): void {
    for (const waiter of this.waiting) waiter.settle(error);
  }
}
