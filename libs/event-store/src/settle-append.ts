import { isRepetition } from './append-rules.js';
import { OutcomeUnknownError, UnavailableError, VersionConflictError } from './errors.js';
import { type EventLog } from './event-log.js';
import { type Appended, type EncodedEvent } from './port.js';
import { pauseBeforeRetry } from './retry-pause.js';

type Append = { stream: string; events: readonly EncodedEvent[]; expectedRevision: number };

/**
 * Finds out what became of an append whose outcome is unknown, and completes it when nothing did.
 *
 * The events are in the stream: done. The stream is where it was: the identical events are sent again, at the same revision. Whatever
 * fails on the way is tried again; when that lasts beyond the deadline the caller is told, and it goes on until the log is closed.
 *
 * @param patience.deadline in the time of `performance.now()`
 * @returns undefined when the stream moved on without these events
 * @throws StreamDeletedError
 */
export async function settleAppend(
  log: EventLog,
  append: Append,
  patience: { deadline: number; giveUp: (reason: Error) => void },
): Promise<Appended | undefined> {
  const unknown = new OutcomeUnknownError(`it is not known yet whether an append to ${append.stream} succeeded`);
  const timer = setTimeout(() => patience.giveUp(unknown), Math.max(0, patience.deadline - performance.now()));
  try {
    for (let retry = 0; !log.isClosed; retry += 1) {
      try {
        return await lookAndSend(log, append);
      } catch (error) {
        if (!isWorthRetrying(error)) throw error;
      }
      await pauseBeforeRetry(retry);
    }
    throw unknown;
  } finally {
    clearTimeout(timer);
  }
}

async function lookAndSend({ store }: EventLog, append: Append): Promise<Appended | undefined> {
  const { stream, events, expectedRevision } = append;
  const since = await store.readStream(stream, { from: expectedRevision + 1 });
  if (since.length === 0) return store.append(stream, events, { expectedRevision });
  const last = since[events.length - 1];
  if (last === undefined || !isRepetition(events, since)) return undefined;
  return { revision: last.revision, position: last.position };
}

/** A conflict as well: the stream moved since the look, and the next look tells by whom. */
function isWorthRetrying(error: unknown): boolean {
  return (
    error instanceof OutcomeUnknownError || error instanceof UnavailableError || error instanceof VersionConflictError
  );
}
