/** To stdout: the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** To stderr: what happens meanwhile. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Columns as wide as their longest cell. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  for (const row of rows)
    print(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

const barWidth = 30;
const plainEveryMs = 5_000;

/** Says on stderr how far something is: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  private readonly begunAt = performance.now();
  private saidAt = 0;
  private first: number | undefined;

  constructor(
    private readonly what: string,
    private readonly total: number,
    private readonly tty = process.stderr.isTTY === true,
  ) {}

  /** `done` of the total, and `records` of them that were of interest. */
  show(done: number, records: number): void {
    const now = performance.now();
    this.first ??= done;
    if (now - this.saidAt < (this.tty ? 100 : plainEveryMs)) return;
    this.saidAt = now;
    const seconds = (now - this.begunAt) / 1_000;
    const share = this.total === 0 ? 1 : Math.min(1, done / this.total);
    const speed = (done - this.first) / seconds;
    const left = speed > 0 ? `${Math.ceil((this.total - done) / speed)} s left` : 'time left unknown';
    const text = `${Math.floor(share * 100)} %, ${records} ${this.what}, ${Math.round(records / seconds)}/s, ${left}`;
    if (this.tty) process.stderr.write(`\r\u001b[K[${'#'.repeat(share * barWidth).padEnd(barWidth)}] ${text}`);
    else note(text);
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.tty) process.stderr.write('\r\u001b[K');
  }
}
