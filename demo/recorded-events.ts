import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** An event as far as the demo shows it. */
export type ShownEvent = { readonly stream: string; readonly type: string; readonly actor: string };

/** Reads an authority's log while it runs: a second reader, which the write-ahead log allows. */
export class RecordedEvents {
  private readonly db: DatabaseSync;
  private readonly select: StatementSync;
  private position = 0;

  constructor(file: string) {
    this.db = new DatabaseSync(file, { readOnly: true });
    this.select = this.db.prepare(
      'SELECT position, stream, type, metadata FROM events WHERE position > ? ORDER BY position',
    );
  }

  /** What was recorded since the last call; from the beginning at the first. */
  next(): ShownEvent[] {
    type Row = { position: number; stream: string; type: string; metadata: string };
    const rows = this.select.all(this.position) as Row[];
    this.position = rows.at(-1)?.position ?? this.position;
    return rows.map(({ stream, type, metadata }) => ({
      stream,
      type,
      actor: (JSON.parse(metadata) as { actor?: string }).actor ?? '?',
    }));
  }

  close(): void {
    this.db.close();
  }
}
