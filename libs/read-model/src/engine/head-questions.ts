import { type Eventually, type Position } from '#libs/event-store';
import { ReadModelBehindError } from './errors.js';

type Head = Position | undefined;

/** Shares questions for the log's head: one running, one pending. A caller gets the answer to a question asked after it came. */
export class HeadQuestions {
  private running: Promise<Head> | undefined;
  private pending: Promise<Head> | undefined;

  constructor(private readonly head: () => Eventually<Head>) {}

  /**
   * Synchronous when the store is.
   *
   * @throws ReadModelBehindError (rejects with it) after `timeoutMs` (Infinity: never); whatever the question itself rejects with
   */
  ask(timeoutMs: number): Eventually<Head> {
    const answer = this.join();
    return answer instanceof Promise && Number.isFinite(timeoutMs) ? within(answer, timeoutMs) : answer;
  }

  private join(): Eventually<Head> {
    if (this.pending !== undefined) return this.pending;
    if (this.running === undefined) return this.run();
    const next = (): Eventually<Head> => {
      this.pending = undefined;
      return this.run();
    };
    return (this.pending = this.running.then(next, next));
  }

  private run(): Eventually<Head> {
    const answer = this.head();
    if (!(answer instanceof Promise)) return answer;
    return (this.running = answer.finally(() => (this.running = undefined)));
  }
}

function within(answer: Promise<Head>, timeoutMs: number): Promise<Head> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ReadModelBehindError(`the event store did not name its head within ${timeoutMs} ms`));
    }, timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
