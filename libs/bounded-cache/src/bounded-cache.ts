/**
 * A map that holds at most `maxEntries` and keeps those used lately.
 *
 * Two generations: when the young one is half of the bound it becomes the old one, and what was in the old one and not used since is
 * dropped. (Evicting the first key of a `Map` one by one gets slow: its deleted entries are walked over each time.)
 */
export class BoundedCache<Key, Value extends NonNullable<unknown>> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();

  constructor(private readonly maxEntries: number) {}

  get(key: Key): Value | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: Key, value: Value): void {
    this.young.set(key, value);
    if (this.young.size * 2 < this.maxEntries) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: Key): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  /** Deletes every entry whose value meets the condition; walks the whole cache. */
  deleteWhere(condition: (value: Value) => boolean): void {
    for (const generation of [this.young, this.old]) {
      for (const [key, value] of generation) if (condition(value)) generation.delete(key);
    }
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
