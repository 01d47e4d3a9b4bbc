import { setTimeout as pause } from 'node:timers/promises';
import { type EventStore, type Position } from '#libs/event-store';
import { recordBytes } from '../relay/limits.js';
import { batchBytes, batchRecords } from '../relay/limits.js';
import { type LogRecord, type MapEvent, RelayRefusedError } from '../relay/port.js';
import { type Selection, selectionText, selects } from './selection.js';

const pageSize = 500;
const attempts = 8;
const firstPauseMs = 250;

/** The header that tells a replayed record from the original. It says what was selected, so that another selection is not mixed in. */
export const replayHeader = 'hydrant-replay';

/** Where a replay goes: batches of records, each committed as a whole, in the order of the log. */
export interface ReplayTarget {
  /**
   * Shuts out whoever wrote a replay there before.
   *
   * @returns how far the replay has come; undefined when there is nothing yet
   * @throws RelayRefusedError when something else is there than this replay
   */
  open(selection: string): Promise<Position | undefined>;

  /** After any error it has to be opened again. */
  write(records: readonly LogRecord[]): Promise<void>;

  close(): Promise<void>;
}

/** `records`: written by this run. `position`: up to where the log was looked through. */
export type ReplayProgress = { readonly records: number; readonly position: Position };

/** `until`: where the log ended when this began. */
export type ReplayOptions = {
  readonly store: EventStore;
  readonly map: MapEvent;
  readonly selection: Selection;
  readonly until: Position;
  readonly target: ReplayTarget;
  readonly onProgress: (progress: ReplayProgress) => void;
  readonly notice: (text: string) => void;
};

/**
 * Publishes a part of the log again. Goes on where an earlier run of the same replay has stopped, and after errors by itself for a while.
 *
 * @returns how many records were written
 */
export async function replay(options: ReplayOptions): Promise<number> {
  const run = new Run(options);
  for (let failures = 0; ; failures += 1) {
    const before = run.records;
    try {
      await run.fromWhereItStopped();
      return run.records;
    } catch (error) {
      if (error instanceof RelayRefusedError || error instanceof TypeError) throw error;
      if (run.records > before) failures = 0;
      if (failures >= attempts) throw error;
      options.notice(`stands after ${run.records} records, it is tried again: ${String(error)}`);
    }
    await pause(firstPauseMs * 2 ** failures);
  }
}

class Run {
  records = 0;
  private batch: LogRecord[] = [];
  private bytes = 0;
  private readonly name: string;

  constructor(private readonly options: ReplayOptions) {
    this.name = selectionText(options.selection);
  }

  async fromWhereItStopped(): Promise<void> {
    const { store, until, target, onProgress } = this.options;
    [this.batch, this.bytes] = [[], 0];
    let after = await target.open(this.name);
    for (;;) {
      const page = await store.readAll(after, pageSize);
      for (const event of page) {
        if (event.position > until || event.type.startsWith('$')) continue;
        const record = await this.options.map(event);
        if (record !== undefined && selects(this.options.selection, record)) await this.add(record);
      }
      after = page.at(-1)?.position;
      const over = after === undefined || after >= until;
      if (over) await this.flush();
      onProgress({ records: this.records, position: over ? until : after! });
      if (over) return;
    }
  }

  private async add(record: LogRecord): Promise<void> {
    const bytes = recordBytes(record);
    if (this.bytes + bytes > batchBytes || this.batch.length >= batchRecords) await this.flush();
    this.batch.push({ ...record, headers: { ...record.headers, [replayHeader]: this.name } });
    this.bytes += bytes;
  }

  private async flush(): Promise<void> {
    const { batch } = this;
    [this.batch, this.bytes] = [[], 0];
    if (batch.length === 0) return;
    await this.options.target.write(batch);
    this.records += batch.length;
  }
}
