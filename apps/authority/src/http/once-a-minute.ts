import { BoundedCache } from '#libs/bounded-cache';

const intervalMs = 60_000;
const maxKinds = 100;

/** Says of things that go on and on whether it is time to tell of them again: the first time, then once a minute. */
export class OnceAMinute {
  private readonly toldAt = new BoundedCache<string, number>(maxKinds);

  constructor(private readonly monotonicMs = (): number => performance.now()) {}

  isDue(kind: string): boolean {
    const nowMs = this.monotonicMs();
    const before = this.toldAt.get(kind);
    if (before !== undefined && nowMs - before < intervalMs) return false;
    this.toldAt.set(kind, nowMs);
    return true;
  }
}
