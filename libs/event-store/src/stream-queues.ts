import { UnavailableError } from './errors.js';

/** Lets tasks on one stream run one after the other, tasks on different streams side by side. An idle stream costs nothing. */
export class StreamQueues {
  /** The tasks that wait, by stream; a stream is here while a task of it runs. */
  private readonly waiting = new Map<string, (() => void)[]>();

  /**
   * Runs a task when it is its turn; at once when the stream is idle.
   *
   * @param task may answer its caller early with `giveUp` and go on: the stream stays taken until the task is done
   * @throws UnavailableError when its turn does not come within `timeoutMs`; the task is then not run
   */
  run<T>(stream: string, timeoutMs: number, task: (giveUp: (reason: Error) => void) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        void task(reject)
          .then(resolve, reject)
          .then(() => this.next(stream));
      };
      const queue = this.waiting.get(stream);
      if (queue === undefined) {
        this.waiting.set(stream, []);
        start();
        return;
      }
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(whenItsTurn), 1);
        reject(new UnavailableError(`stream ${stream} is busy`));
      }, timeoutMs);
      const whenItsTurn = () => {
        clearTimeout(timer);
        start();
      };
      queue.push(whenItsTurn);
    });
  }

  private next(stream: string): void {
    const first = this.waiting.get(stream)?.shift();
    if (first === undefined) this.waiting.delete(stream);
    else first();
  }
}
