/**
 * A map that holds at most `maxEntries` (two or more) and keeps those used lately.
 *
 * Two generations of half that size: when the young one is full it becomes the old one, and what was in the old one and not used since
 * is dropped. (Evicting the first key of a `Map` one by one gets slow: its deleted entries are walked over each time.)
 */
export class BoundedCache<Key, Value extends NonNullable<unknown>> {
  private readonly maxYoung: number;
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();

  constructor(maxEntries: number) {
    this.maxYoung = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(key: Key): Value | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: Key, value: Value): void {
    if (this.young.size >= this.maxYoung && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  delete(key: Key): void {
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
  }
}
