/** The revision of the `$streamDeleted` event of a tombstoned stream. */
export const tombstoneRevision = 2n ** 63n - 1n;

/** The revision a writer expects the last event of a stream to have. */
export type Expectation = bigint | 'any' | 'no_stream' | 'stream_exists';

/** An event as a client proposes it: `data` and `metadata` are kept byte by byte, `id` in lower case. */
export type ProposedEvent = {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

/** An event as it lies in the log. `createdTicks` counts 100 ns since the Unix epoch. */
export type LogRecord = ProposedEvent & {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly createdTicks: bigint;
};

/** What becomes of a write: it goes on, it was made before (`last` is what it then ended with), or it is refused. */
export type Verdict =
  | { readonly kind: 'commit' }
  | { readonly kind: 'repeated'; readonly last: LogRecord }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'deleted' };

/** What one stream ever held, also what the log has dropped since: ids are still recognised after a scavenge. */
export class StreamHistory {
  private readonly records: LogRecord[] = [];
  private readonly byId = new Map<string, LogRecord>();
  private truncateBefore = 0n;
  private tombstoned = false;

  constructor(readonly name: string) {}

  get lastRevision(): bigint {
    return BigInt(this.records.length) - 1n;
  }

  get isTombstoned(): boolean {
    return this.tombstoned;
  }

  /** Soft-deleted: truncated before the highest revision there is. */
  get isDeleted(): boolean {
    return this.truncateBefore === tombstoneRevision;
  }

  /** Whether readers find it: a stream that was never written, or is deleted, is not found. */
  get isFound(): boolean {
    return this.records.length > 0 && !this.isDeleted;
  }

  add(record: LogRecord): void {
    if (record.revision === tombstoneRevision) {
      this.tombstoned = true;
      return;
    }
    this.records.push(record);
    if (!this.byId.has(record.id)) this.byId.set(record.id, record);
  }

  truncate(before: bigint): void {
    this.truncateBefore = before;
  }

  /** What a reader of the stream gets to see; of a metadata stream, only the newest event. */
  visible(): readonly LogRecord[] {
    if (isMetastream(this.name)) return this.records.slice(-1);
    return this.isFound ? this.records.slice(Number(this.truncateBefore)) : [];
  }

  /** Whether a scavenge leaves a record of this stream in the log: its last event stays even when the stream is deleted. */
  survivesScavenge({ revision }: LogRecord): boolean {
    if (this.tombstoned) return revision === tombstoneRevision;
    if (revision === this.lastRevision) return true;
    return !isMetastream(this.name) && revision >= this.truncateBefore;
  }

  /** The last metadata that was written to this (metadata) stream; `undefined` when it is no JSON object. */
  lastJson(): Record<string, unknown> | undefined {
    const last = this.records.at(-1);
    return last === undefined ? undefined : jsonObject(last.data);
  }

  /** @param metadataExists whether the stream's metadata was ever written, which counts as existing for `stream_exists` */
  judge(expected: Expectation, ids: readonly string[], metadataExists = false): Verdict {
    if (this.tombstoned) return { kind: 'deleted' };
    if (expected === 'stream_exists') {
      if (this.isDeleted) return { kind: 'deleted' };
      if (this.lastRevision < 0n && !metadataExists) return { kind: 'conflict' };
    }
    if (expected === 'any' || expected === 'stream_exists') return this.judgeByIds(ids);
    const revision = expected === 'no_stream' ? -1n : expected;
    if (revision === this.lastRevision) return { kind: 'commit' };
    if (revision > this.lastRevision) return { kind: 'conflict' };
    return this.judgeLateWrite(revision, ids);
  }

  /** Without a revision to go by, known ids alone make a repetition. */
  private judgeByIds(ids: readonly string[]): Verdict {
    const known = ids.map((id) => this.byId.get(id));
    const last = known.at(-1);
    if (known[0] === undefined) return { kind: 'commit' };
    return last !== undefined && !known.includes(undefined) ? { kind: 'repeated', last } : { kind: 'conflict' };
  }

  /** The revision has passed: a repetition when the same ids follow it, a new beginning when the stream was deleted. */
  private judgeLateWrite(revision: bigint, ids: readonly string[]): Verdict {
    const since = this.records.slice(Number(revision) + 1);
    const same = ids.findIndex((id, index) => since[index]?.id !== id);
    const last = since[ids.length - 1];
    if (same === -1 && last !== undefined) return { kind: 'repeated', last };
    if (same === 0 && revision === -1n && this.isDeleted) return { kind: 'commit' };
    return { kind: 'conflict' };
  }
}

export function isMetastream(stream: string): boolean {
  return stream.startsWith('$$');
}

function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
