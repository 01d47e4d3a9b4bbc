import { type JsonObject } from '#libs/domain';
import { type EventStore, type Position } from '#libs/event-store';
import { type LogRecord, type MapEvent, type PublishedRecord } from '../relay/port.js';
import { sequenceOf } from './sequence.js';

const pageSize = 500;
/** Findings that are told one by one; beyond them they are only counted. */
const toldFindings = 100;

export type FindingKind = 'missing' | 'repeated' | 'out of order' | 'different' | 'unexpected';

/** What does not fit. `missing`: the log has it and the topic has not; `unexpected`: the topic has it and the log does not say so. */
export type Finding = {
  readonly kind: FindingKind;
  readonly topic: string;
  readonly partition: number;
  readonly sequence: Position | undefined;
  /** Where it stands in the partition; undefined when it is missing. */
  readonly offset: number | undefined;
};

/**
 * `checked`: records that were compared. `erased`: about persons who were erased, before it was published or since; `expired`: what is left
 * of streams that were deleted when their time was over. `findings` has the first hundred, `counts` all.
 */
export type Verification = {
  checked: number;
  erased: number;
  expired: number;
  readonly counts: Record<FindingKind, number>;
  readonly findings: Finding[];
};

/** The records of one partition. `cut`: what was in front of them was deleted by the topic's retention. */
export type PartitionContent = { readonly records: AsyncIterator<PublishedRecord>; readonly cut: boolean };

/**
 * `expected` says what should be there of an event, and `place` in which partition. `until`: how far the log was published. `content`
 * has every partition by topic, with whole names.
 */
export type VerifyOptions = {
  readonly store: EventStore;
  readonly expected: MapEvent;
  readonly until: Position;
  readonly content: ReadonlyMap<string, readonly PartitionContent[]>;
  readonly place: (record: LogRecord) => { topic: string; partition: number } | undefined;
  /** Whether a stream was deleted; of records whose event the log does not have any more. */
  readonly wasDeleted: (record: PublishedRecord) => Promise<boolean>;
  readonly onProgress?: (position: Position) => void;
};

/** Holds topics against the log: reads both once, side by side, in log order. */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const result = new Result();
  const checks = new Map(
    [...options.content].map(([topic, partitions]) => [
      topic,
      partitions.map((content, partition) => new PartitionCheck({ topic, partition, content }, result, options)),
    ]),
  );
  const at = (record: LogRecord): PartitionCheck | undefined => {
    const place = options.place(record);
    return place === undefined ? undefined : checks.get(place.topic)?.[place.partition];
  };
  let after: Position | undefined;
  for (;;) {
    const page = await options.store.readAll(after, pageSize);
    for (const event of page.filter(({ position }) => position <= options.until)) {
      if (event.type.startsWith('$')) continue;
      const record = await options.expected(event);
      const check = record === undefined ? undefined : at(record);
      if (record !== undefined && check !== undefined) await check.expect(record, event.position);
    }
    after = page.at(-1)?.position;
    if (after === undefined || after >= options.until) break;
    options.onProgress?.(after);
  }
  for (const check of [...checks.values()].flat()) await check.end();
  result.settle();
  return result.verification;
}

/** Whether nothing is wrong. */
export function fits({ counts }: Verification): boolean {
  return Object.values(counts).every((count) => count === 0);
}

class Result {
  readonly verification: Verification = {
    ...{ checked: 0, erased: 0, expired: 0 },
    counts: { missing: 0, repeated: 0, 'out of order': 0, different: 0, unexpected: 0 },
    findings: [],
  };
  /** Not there yet, by position; may still come, behind others. */
  private readonly missing = new Map<Position, Finding>();
  /** What the log says of them is less than it was; where they were published cannot be said any more. */
  private readonly expired = new Map<Position, Finding>();

  add(finding: Finding): void {
    const { counts, findings } = this.verification;
    counts[finding.kind] += 1;
    if (findings.length < toldFindings) findings.push(finding);
  }

  miss(finding: Finding & { sequence: Position }): void {
    this.missing.set(finding.sequence, finding);
  }

  awaitExpired(finding: Finding & { sequence: Position }): void {
    this.expired.set(finding.sequence, finding);
  }

  /** @returns whether it was missing in that partition */
  foundLate(sequence: Position, { topic, partition }: Pick<Finding, 'topic' | 'partition'>): boolean {
    const finding = this.missing.get(sequence);
    if (finding?.topic !== topic || finding.partition !== partition) return false;
    return this.missing.delete(sequence);
  }

  foundExpired(sequence: Position): boolean {
    if (!this.expired.delete(sequence)) return false;
    this.verification.checked += 1;
    this.verification.expired += 1;
    return true;
  }

  /** What has not come by now is missing. */
  settle(): void {
    for (const finding of [...this.missing.values(), ...this.expired.values()]) this.add(finding);
  }
}

class PartitionCheck {
  private ahead: PublishedRecord | undefined;
  private begin: Position | undefined;
  private begun = false;
  /** The highest position of what was found. */
  private highest: Position | undefined;

  private readonly at: Pick<Finding, 'topic' | 'partition'>;
  private readonly content: PartitionContent;

  constructor(
    { content, ...at }: Pick<Finding, 'topic' | 'partition'> & { content: PartitionContent },
    private readonly result: Result,
    private readonly options: VerifyOptions,
  ) {
    this.at = at;
    this.content = content;
  }

  /** The next that should be there. */
  async expect(record: LogRecord, sequence: Position): Promise<void> {
    const lost = unavailable(record);
    await this.takeBefore(sequence);
    if (this.begin !== undefined && sequence < this.begin) return;
    const found = await this.peek();
    if (found !== undefined && sequenceOf(found) === sequence) {
      this.take(sequence);
      this.compare(record, found, sequence);
      return;
    }
    const finding = { ...this.finding('missing', undefined), sequence };
    if (lost === 'expired') this.result.awaitExpired(finding);
    else this.result.miss(finding);
  }

  /** Nothing more is expected here, of what was published when this began. */
  async end(): Promise<void> {
    await this.takeBefore((this.options.until + 1) as Position);
  }

  private async takeBefore(sequence: Position): Promise<void> {
    for (let found = await this.peek(); found !== undefined; found = await this.peek()) {
      const its = sequenceOf(found);
      if (its !== undefined && its >= sequence) return;
      this.ahead = undefined;
      await this.stray(found, its);
    }
  }

  /** Came before what was expected next: too late, again, or without the log knowing of it. */
  private async stray(found: PublishedRecord, sequence: Position | undefined): Promise<void> {
    if (sequence === undefined) return this.result.add(this.finding('unexpected', found));
    if (this.result.foundLate(sequence, this.at)) {
      this.result.verification.checked += 1;
      return this.result.add(this.finding('out of order', found));
    }
    if (this.highest !== undefined && sequence <= this.highest) {
      return this.result.add(this.finding('repeated', found));
    }
    this.highest = sequence;
    if (this.result.foundExpired(sequence)) return;
    if (!(await this.options.wasDeleted(found))) return this.result.add(this.finding('unexpected', found));
    this.result.verification.checked += 1;
    this.result.verification.expired += 1;
  }

  private compare(record: LogRecord, found: PublishedRecord, sequence: Position): void {
    const { verification } = this.result;
    verification.checked += 1;
    const lost = unavailable(record) ?? unavailable(found);
    if (lost !== undefined) verification[lost] += 1;
    const same = sameRecord(record, found, lost !== undefined);
    if (!same) this.result.add({ ...this.finding('different', found), sequence });
  }

  private take(sequence: Position): void {
    this.ahead = undefined;
    this.highest = sequence;
  }

  private async peek(): Promise<PublishedRecord | undefined> {
    if (this.ahead === undefined) {
      const next = await this.content.records.next();
      if (next.done === true) return undefined;
      this.ahead = next.value;
      if (!this.begun && this.content.cut) this.begin = sequenceOf(next.value);
      this.begun = true;
    }
    return this.ahead;
  }

  private finding(kind: FindingKind, found: PublishedRecord | undefined): Finding {
    const sequence = found === undefined ? undefined : sequenceOf(found);
    return { kind, ...this.at, sequence, offset: found?.offset };
  }
}

/** Byte for byte, but for the header of a replay; of what is `lost` since, or was then, only which event it is. */
function sameRecord(expected: LogRecord, found: PublishedRecord, lost: boolean): boolean {
  const { 'hydrant-replay': _, ...headers } = found.headers;
  if (lost) return headers['ce_id'] === expected.headers['ce_id'] && headers['ce_type'] === expected.headers['ce_type'];
  const names = new Set([...Object.keys(headers), ...Object.keys(expected.headers)]);
  return (
    [...names].every((name) => headers[name] === expected.headers[name]) &&
    ([found.key, found.value, found.timestamp] as const).every(
      (each, index) => each === [expected.key, expected.value, expected.timestamp][index],
    )
  );
}

function unavailable({ value }: LogRecord): 'erased' | 'expired' | undefined {
  if (!value.includes('"unavailable"')) return undefined;
  return (JSON.parse(value) as JsonObject)['unavailable'] as 'erased' | 'expired' | undefined;
}
