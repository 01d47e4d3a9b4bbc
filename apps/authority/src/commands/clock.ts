/** Where handlers take the time from; tests put a fixed one in its place. */
export class Clock {
  now(): Date {
    return new Date();
  }
}
