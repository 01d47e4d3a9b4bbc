import { CryptoError } from './errors.js';

/**
 * Lets a limited number of tasks run at once. Of those that wait each party has its turn, so that nobody's many tasks hold up the one of
 * somebody else.
 */
export class Turns {
  /** By party, the one whose turn is next first. */
  private readonly waiting = new Map<string, (() => void)[]>();
  private count = 0;

  constructor(
    private free: number,
    private readonly maxWaiting: number,
  ) {}

  /** @throws CryptoError `too_busy` when so many of all parties, or of this one, wait already */
  async run<Result>(
    { party, maxWaiting }: { readonly party: string; readonly maxWaiting: number },
    task: () => Promise<Result>,
  ): Promise<Result> {
    if (this.free > 0) this.free -= 1;
    else await this.turnOf(party, maxWaiting);
    try {
      return await task();
    } finally {
      this.next();
    }
  }

  private turnOf(party: string, maxWaiting: number): Promise<void> {
    const before = this.waiting.get(party) ?? [];
    if (this.count >= this.maxWaiting || before.length >= maxWaiting)
      throw new CryptoError('too_busy', 'too many client secrets wait to be stretched');
    this.count += 1;
    return new Promise((resolve) => this.waiting.set(party, [...before, resolve]));
  }

  private next(): void {
    const [turn] = this.waiting;
    if (turn === undefined) {
      this.free += 1;
      return;
    }
    const [party, [go, ...rest]] = turn;
    this.waiting.delete(party);
    if (rest.length > 0) this.waiting.set(party, rest); // behind all others
    this.count -= 1;
    go?.();
  }
}
