import { type Jwk } from '#libs/crypto';

/** Keys somebody withdrew are trusted for so long at most. */
const maxAgeMs = 10 * 60_000;
/** For so long nothing is fetched after a fetch that failed, or that was for an unknown `kid`. */
const pauseMs = 10_000;

/**
 * The keys that somebody publishes at one URL, fetched when they are needed: at first, when they are old, and again for a `kid` that is not
 * among them. Whoever makes up `kid`s causes one fetch a pause, and requests that wait share one.
 */
export class PublishedKeySet {
  private keys: readonly Jwk[] = [];
  private failure: string | undefined;
  private fetchedAtMs = -Infinity;
  private pausedAtMs = -Infinity;
  private running: Promise<void> | undefined;

  constructor(
    private readonly download: () => Promise<readonly Jwk[]>,
    private readonly clock: { now(): Date },
  ) {}

  /**
   * @returns the keys of this `kid`, none when it is unknown
   * @throws Error with the reason why the keys could not be fetched
   */
  async find(kid: string): Promise<readonly Jwk[]> {
    const known = this.named(kid);
    if (known.length > 0) return known;
    await (this.running ?? this.fetch());
    if (this.failure !== undefined) throw new Error(this.failure);
    return this.named(kid);
  }

  private named(kid: string): readonly Jwk[] {
    return this.isWithin(this.fetchedAtMs, maxAgeMs) ? this.keys.filter((key) => key.kid === kid) : [];
  }

  private async fetch(): Promise<void> {
    if (this.isWithin(this.pausedAtMs, pauseMs)) return;
    if (this.isWithin(this.fetchedAtMs, maxAgeMs)) this.pausedAtMs = this.nowMs();
    this.running = this.refresh().finally(() => (this.running = undefined));
    await this.running;
  }

  private async refresh(): Promise<void> {
    const startedAtMs = this.nowMs();
    try {
      this.keys = await this.download();
      this.fetchedAtMs = startedAtMs;
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : 'it could not be fetched';
      this.pausedAtMs = this.nowMs();
    }
  }

  /** Also when the clock was set back. */
  private isWithin(sinceMs: number, spanMs: number): boolean {
    return Math.abs(this.nowMs() - sinceMs) < spanMs;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
