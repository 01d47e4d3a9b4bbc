import { setTimeout as wait } from 'node:timers/promises';

const firstPauseMs = 50;
const longestPauseMs = 1_000;
const quietMs = 5_000;

/** Time between one connection and the next: none after a quiet while, longer and longer where one follows the other. */
export class BackOff {
  private lastAt = -Infinity;
  private pauseMs = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How long the connection that is asked for now has to wait. */
  nextPauseMs(): number {
    const now = this.now();
    const quiet = now - this.lastAt > quietMs;
    this.pauseMs = quiet ? 0 : Math.min(longestPauseMs, Math.max(firstPauseMs, 2 * this.pauseMs));
    this.lastAt = Math.max(now, this.lastAt) + this.pauseMs;
    return this.lastAt - now;
  }

  /** Resolves when the next connection may be made. @throws when it is aborted first */
  async turn(signal: AbortSignal): Promise<void> {
    const pauseMs = this.nextPauseMs();
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal, ref: false });
  }
}
