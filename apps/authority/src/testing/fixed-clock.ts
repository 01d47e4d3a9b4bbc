import { Clock } from '../commands/clock.js';

/** Stands still until it is moved. */
export class FixedClock extends Clock {
  constructor(public at: Date) {
    super();
  }

  override now(): Date {
    return this.at;
  }

  /** The moment so many seconds from now (negative: ago), as events have it. */
  inSeconds(seconds: number): string {
    return new Date(this.at.getTime() + seconds * 1000).toISOString();
  }

  advance(seconds: number): void {
    this.at = new Date(this.at.getTime() + seconds * 1000);
  }
}
