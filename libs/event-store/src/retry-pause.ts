import { setTimeout } from 'node:timers/promises';

const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 250;

/** Waits a random while, longer on average with each retry (counted from 0), so that competing writers do not meet again. */
export async function pauseBeforeRetry(retry: number): Promise<void> {
  await setTimeout(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retry));
}
