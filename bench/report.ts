import { type Sample } from './load.js';

/** A table in plain text; the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}

/** A row of the HTTP table: rates and latencies of both servers, and what share of the bare one's rate the authority has. */
export function httpRow(name: string, hydrant: Sample, bare: Sample, targetRatio: number | undefined): string[] {
  const ratio = hydrant.perSecond / bare.perSecond;
  const verdict = targetRatio === undefined ? '' : `${ratio >= targetRatio ? '>=' : 'below'} ${percent(targetRatio)}`;
  const rates = [hydrant, bare].flatMap((each) => [whole(each.perSecond), latency(each), whole(each.cpuUs)]);
  return [name, ...rates, percent(ratio), percent(bare.cpuUs / hydrant.cpuUs), verdict];
}

export const httpHead = [
  ...['', 'hydrant/s', 'p50/p99 ms', 'CPU us', 'bare/s', 'p50/p99 ms', 'CPU us', 'ratio', 'CPU ratio', 'target'],
];

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function latency({ p50Ms, p99Ms }: Sample): string {
  return `${p50Ms.toFixed(1)}/${p99Ms.toFixed(1)}`;
}
