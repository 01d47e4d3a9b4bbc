import { setTimeout } from 'node:timers/promises';

const firstPauseMs = 4;
const longestPauseMs = 250;

/** Waits for `retryPauseMs`. */
export async function pauseBeforeRetry(retry: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(retryPauseMs(retry), undefined, { signal }).catch(() => undefined);
}

/** A random while, longer on average with each retry (counted from 0), so that competing writers do not meet again. */
export function retryPauseMs(retry: number): number {
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** retry);
}
