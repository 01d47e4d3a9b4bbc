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

/** Rates and latencies of the authority and of what it is compared with, and what share of the other's rate it has. */
export function comparisonRow(
  { name, targetRatio }: { name: string; targetRatio?: number | undefined },
  hydrant: Sample,
  other: Sample,
): string[] {
  const rates = [hydrant, other].flatMap((each) => [whole(each.perSecond), latency(each), whole(each.cpuUs)]);
  const [ratio, target] = verdict(hydrant.perSecond / other.perSecond, targetRatio);
  return [name, ...rates, ratio, percent(other.cpuUs / hydrant.cpuUs), target];
}

/** The head over rows of comparisons with something of that name. */
export function comparisonHead(other: string): string[] {
  const columns = (of: string): string[] => [`${of}/s`, 'p50/p99 ms', 'CPU us'];
  return ['', ...columns('hydrant'), ...columns(other), 'ratio', 'CPU ratio', 'target'];
}

/** The share as a percentage, and whether it reaches the target. */
export function verdict(share: number, target: number | undefined): [ratio: string, target: string] {
  if (target === undefined) return [percent(share), ''];
  return [percent(share), `${share >= target ? '>=' : 'below'} ${percent(target)}`];
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function latency({ p50Ms, p99Ms }: Sample): string {
  return `${p50Ms.toFixed(1)}/${p99Ms.toFixed(1)}`;
}
