/** A thousand years: an instant that far ahead still has a four-digit year. */
const maxMs = 1000 * 365 * 24 * 3_600_000;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration as Go writes them (`1h30m`, `720h`, `1.5s`, `250ms`).
 *
 * @returns milliseconds, `undefined` when the text is no such duration, not positive, or longer than a thousand years
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
  }
  return totalMs > 0 && totalMs <= maxMs ? totalMs : undefined;
}
