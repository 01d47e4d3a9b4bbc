import { UnavailableError } from '../errors.js';

const maxWaiting = 20_000;

/** Lets a number of calls be under way at a time; the others wait their turn in order, for a bounded while. */
export class BoundedCalls {
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly maxRunning: number,
    private readonly waitTimeoutMs: number,
  ) {}

  /** @throws UnavailableError when its turn does not come in time, or too many wait; the call is then not made */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.running < this.maxRunning) this.running += 1;
    else await this.turn();
    try {
      return await call();
    } finally {
      this.next();
    }
  }

  /** Resolves when no call is under way or waiting, or after a time. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.running === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.whenIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Waits until a call that ends hands its place over. */
  private turn(): Promise<void> {
    if (this.waiting.length >= maxWaiting) throw new UnavailableError('too many writes wait for the event store');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        reject(new UnavailableError(`the event store took no further write for ${this.waitTimeoutMs} ms`));
      }, this.waitTimeoutMs);
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(begin);
    });
  }

  private next(): void {
    const begin = this.waiting.shift();
    if (begin !== undefined) {
      begin();
      return;
    }
    this.running -= 1;
    if (this.running > 0) return;
    for (const tell of this.whenIdle) tell();
    this.whenIdle = [];
  }
}
