import { setTimeout } from 'node:timers/promises';

const firstPauseMs = 4;
const longestPauseMs = 250;

/** Waits a random while, longer on average with each retry (counted from 0), so that competing writers do not meet again. */
export async function pauseBeforeRetry(retry: number): Promise<void> {
  await setTimeout(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** retry));
}
