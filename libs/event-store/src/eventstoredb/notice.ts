/** Takes a line for the operator. `error`: something is wrong that does not have to go away by itself. */
export type Notice = (text: string, level: 'warn' | 'error') => void;

const intervalMs = 10_000;

/** What goes wrong again and again, for one reason or another, is told at once and then no more often than every ten seconds. */
export class RepeatedNotice {
  private toldAt = -Infinity;

  constructor(
    private readonly notice: Notice,
    private readonly level: 'warn' | 'error',
    private readonly now: () => number = () => performance.now(),
  ) {}

  tell(text: string): void {
    const now = this.now();
    if (now - this.toldAt < intervalMs) return;
    this.toldAt = now;
    this.notice(text, this.level);
  }
}
