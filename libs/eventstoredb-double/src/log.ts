import { randomUUID } from 'node:crypto';
import {
  type Expectation,
  type LogRecord,
  type ProposedEvent,
  StreamHistory,
  tombstoneRevision,
  type Verdict,
  isMetastream,
} from './stream-history.js';

/** What lies before it is the server's own affair and never read. */
const firstPosition = 500n;

/** What a write led to. `position` is unknown for the repetition of a write whose events can no longer be read. */
export type WriteResult =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint | undefined }
  | { readonly kind: 'conflict'; readonly currentRevision: bigint }
  | { readonly kind: 'deleted' };

/** The whole log and its streams, with the rules of EventStoreDB for writing, deleting, reading and scavenging. */
export class Log {
  private records: LogRecord[] = [];
  private readonly streams = new Map<string, StreamHistory>();
  private readonly positions = new Set<bigint>();
  private readonly listeners = new Set<() => void>();
  private end = firstPosition;

  constructor() {
    this.write('$$$scavenges', [systemEvent('$metadata', '{"$maxAge":2592000}')]); // no log is ever empty
  }

  /** Calls back after every write. @returns ends it */
  onWritten(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  append(stream: string, expected: Expectation, events: readonly ProposedEvent[]): WriteResult {
    const history = this.historyOf(stream);
    const verdict = this.judge(history, expected, events);
    if (verdict.kind !== 'commit') return settled(history, verdict);
    if (events.length === 0) return this.appendNothing(history);
    const original = isMetastream(stream) ? this.streams.get(stream.slice(2)) : history;
    const revived =
      original?.isDeleted === true ? { stream: original.name, from: original.lastRevision + 1n } : undefined;
    return { kind: 'written', ...this.write(stream, events, revived) };
  }

  /** Soft delete: everything before the highest revision is declared truncated, by a write to the metadata stream. */
  delete(stream: string, expected: Expectation): WriteResult {
    const history = this.historyOf(stream);
    const verdict = this.judge(history, expected, []);
    if (verdict.kind !== 'commit') return settled(history, verdict);
    if (history.lastRevision < 0n && !this.hasMetadata(stream)) return { kind: 'conflict', currentRevision: -1n };
    return {
      kind: 'written',
      ...this.write(`$$${stream}`, [systemEvent('$metadata', `{"$tb":${tombstoneRevision}}`)]),
    };
  }

  tombstone(stream: string, expected: Expectation): WriteResult {
    const history = this.historyOf(stream);
    const verdict = this.judge(history, expected, []);
    if (verdict.kind !== 'commit') return settled(history, verdict);
    const record = this.record(history, systemEvent('$streamDeleted', ''), tombstoneRevision);
    this.notify();
    return { kind: 'written', revision: record.revision, position: record.position };
  }

  /** @returns the stream's readable events, oldest first */
  readStream(stream: string): readonly LogRecord[] | 'not_found' | 'deleted' {
    const history = this.streams.get(stream);
    if (history?.isTombstoned === true || this.isMetadataOfTombstoned(stream)) return 'deleted';
    return history?.isFound === true ? history.visible() : 'not_found';
  }

  /** Up to `limit` records at or after a position, oldest first. */
  from(position: bigint, limit: number): readonly LogRecord[] {
    const start = this.indexFrom(position);
    return this.records.slice(start, start + limit);
  }

  /** Up to `limit` records before a position, newest first. */
  before(position: bigint, limit: number): readonly LogRecord[] {
    const end = this.indexFrom(position);
    return this.records.slice(Math.max(0, end - limit), end).reverse();
  }

  /** How many records lie after a position. */
  countAfter(position: bigint): number {
    return this.records.length - this.indexFrom(position + 1n);
  }

  get lastPosition(): bigint {
    return this.records.at(-1)?.position ?? -1n;
  }

  /** Whether an event was ever written there, or nothing was yet. */
  isPosition(position: bigint): boolean {
    return this.positions.has(position) || position >= this.end;
  }

  /** Drops what no stream shows any more, and leaves the traces of having done so. */
  scavenge(): void {
    const scavenge = `$scavenges-${randomUUID()}`;
    this.write('$scavengePoints', [systemEvent('$scavengePoint', '{}')]);
    this.write(scavenge, [systemEvent('$scavengeStarted', '{}')]);
    this.records = this.records.filter((record) => this.survivesScavenge(record));
    this.write(scavenge, [systemEvent('$scavengeCompleted', '{}')]);
  }

  private survivesScavenge(record: LogRecord): boolean {
    if (this.isMetadataOfTombstoned(record.stream)) return false;
    return this.historyOf(record.stream).survivesScavenge(record);
  }

  private judge(history: StreamHistory, expected: Expectation, events: readonly ProposedEvent[]): Verdict {
    const ids = events.map(({ id }) => id);
    return history.judge(expected, ids, this.hasMetadata(history.name));
  }

  private write(
    stream: string,
    events: readonly ProposedEvent[],
    revived?: { stream: string; from: bigint },
  ): { revision: bigint; position: bigint } {
    const history = this.historyOf(stream);
    let last = { revision: history.lastRevision, position: this.end };
    for (const event of events) last = this.record(history, event, history.lastRevision + 1n);
    if (isMetastream(stream)) this.applyMetadata(history);
    if (revived !== undefined) this.revive(revived);
    this.notify();
    return { revision: last.revision, position: last.position };
  }

  /** A write to a deleted stream, or to its metadata, brings it back without what it held before. */
  private revive({ stream, from }: { stream: string; from: bigint }): void {
    const metadata = this.historyOf(`$$${stream}`);
    const revived = JSON.stringify({ ...metadata.lastJson(), $tb: Number(from) });
    this.record(metadata, systemEvent('$metadata', revived), metadata.lastRevision + 1n);
    this.applyMetadata(metadata);
  }

  private applyMetadata(metadata: StreamHistory): void {
    const before = metadata.lastJson()?.['$tb'];
    const isWhole = typeof before === 'number' && before >= Number.MAX_SAFE_INTEGER; // 2^63-1 has no exact number
    const truncateBefore = isWhole ? tombstoneRevision : BigInt(typeof before === 'number' ? before : 0);
    this.historyOf(metadata.name.slice(2)).truncate(truncateBefore);
  }

  /** The log moves on, no event appears, and a stream that does not exist is said to be at revision 0. */
  private appendNothing(history: StreamHistory): WriteResult {
    const position = this.end;
    this.end += recordSize(history.name, systemEvent('', ''));
    return { kind: 'written', revision: history.lastRevision < 0n ? 0n : history.lastRevision, position };
  }

  private record(history: StreamHistory, event: ProposedEvent, revision: bigint): LogRecord {
    const createdTicks = BigInt(Date.now()) * 10_000n;
    const record = { ...event, stream: history.name, revision, position: this.end, createdTicks };
    this.end += recordSize(history.name, event);
    this.positions.add(record.position);
    this.records.push(record);
    history.add(record);
    return record;
  }

  private historyOf(stream: string): StreamHistory {
    const known = this.streams.get(stream) ?? new StreamHistory(stream);
    this.streams.set(stream, known);
    return known;
  }

  private isMetadataOfTombstoned(stream: string): boolean {
    return isMetastream(stream) && this.streams.get(stream.slice(2))?.isTombstoned === true;
  }

  private hasMetadata(stream: string): boolean {
    return (this.streams.get(`$$${stream}`)?.lastRevision ?? -1n) >= 0n;
  }

  private indexFrom(position: bigint): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

function settled(history: StreamHistory, verdict: Exclude<Verdict, { kind: 'commit' }>): WriteResult {
  if (verdict.kind === 'conflict') return { kind: 'conflict', currentRevision: history.lastRevision };
  if (verdict.kind === 'deleted') return { kind: 'deleted' };
  const { revision, position } = verdict.last;
  return { kind: 'written', revision, position: history.visible().includes(verdict.last) ? position : undefined };
}

function systemEvent(type: string, data: string): ProposedEvent {
  return { id: randomUUID(), type, isJson: data !== '', data: Buffer.from(data), metadata: new Uint8Array() };
}

/** Positions count bytes: the fixed part of a record, its names and its contents. */
function recordSize(stream: string, { type, data, metadata }: ProposedEvent): bigint {
  return BigInt(90 + Buffer.byteLength(stream) + type.length + data.length + metadata.length);
}
