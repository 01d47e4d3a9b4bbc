import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition, asking again and again. @throws after `timeoutMs`, with what was waited for */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await pause(5);
  }
}
