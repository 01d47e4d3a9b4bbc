/** `bytesOf` says, roughly, what a value takes; all values together take at most `maxBytes`. */
export type ByteBound<Value> = { readonly maxBytes: number; readonly bytesOf: (value: Value) => number };

/**
 * A map that holds at most `maxEntries` (two or more) and keeps those used lately. Where values may be of any size, `bound` limits what
 * they take as well; a value that takes more than half of that is not kept.
 *
 * Two generations of half that size: when the young one is full it becomes the old one, and what was in the old one and not used since
 * is dropped. (Evicting the first key of a `Map` one by one gets slow: its deleted entries are walked over each time.)
 */
export class BoundedCache<Key, Value extends NonNullable<unknown>> {
  private readonly maxYoung: number;
  private readonly maxYoungBytes: number;
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();
  private youngBytes = 0;

  constructor(
    maxEntries: number,
    private readonly bound?: ByteBound<Value>,
  ) {
    this.maxYoung = Math.max(1, Math.floor(maxEntries / 2));
    this.maxYoungBytes = (bound?.maxBytes ?? Infinity) / 2;
  }

  get(key: Key): Value | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: Key, value: Value): void {
    const before = this.young.get(key);
    const bytes = this.bytesOf(value);
    if (bytes > this.maxYoungBytes) return this.delete(key);
    const grown = this.youngBytes + bytes - this.bytesOf(before);
    if (grown > this.maxYoungBytes || (before === undefined && this.young.size >= this.maxYoung)) {
      this.old = this.young;
      this.young = new Map();
      this.youngBytes = bytes;
    } else {
      this.youngBytes = grown;
    }
    this.young.set(key, value);
  }

  delete(key: Key): void {
    this.youngBytes -= this.bytesOf(this.young.get(key));
    this.young.delete(key);
    this.old.delete(key);
  }

  /** Deletes every entry whose value meets the condition; walks the whole cache. */
  deleteWhere(condition: (value: Value) => boolean): void {
    for (const generation of [this.young, this.old]) {
      for (const [key, value] of generation) if (condition(value)) this.delete(key); // an older value of the key must not come back
    }
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.youngBytes = 0;
  }

  private bytesOf(value: Value | undefined): number {
    return value === undefined || this.bound === undefined ? 0 : this.bound.bytesOf(value);
  }
}
