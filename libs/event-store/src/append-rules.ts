import { noRevision } from '#libs/domain';
import { AppendTooLargeError } from './errors.js';
import { type EncodedEvent, type StoredEvent } from './port.js';

/** The most `data`, in bytes of UTF-8, that one append may hold on any adapter. */
export const maxAppendBytes = 1_048_576;

/**
 * Checks what every adapter refuses before it does anything.
 *
 * @throws TypeError | AppendTooLargeError
 */
export function checkAppend(stream: string, events: readonly EncodedEvent[], expectedRevision: number): void {
  checkTarget(stream, expectedRevision);
  if (events.length === 0) throw new TypeError(`an append to ${stream} holds no events`);
  let bytes = 0;
  for (const { type, data } of events) {
    if (type === '' || type.startsWith('$')) throw new TypeError(`"${type}" cannot be the type of an event`);
    bytes += Buffer.byteLength(data);
  }
  if (bytes > maxAppendBytes) throw new AppendTooLargeError(bytes, maxAppendBytes);
}

/** @throws TypeError when the name is empty, not printable ASCII, or in the store's own name space (`$…`), or the revision is none */
export function checkTarget(stream: string, expectedRevision: number): void {
  if (!Number.isInteger(expectedRevision) || expectedRevision < noRevision) {
    throw new TypeError(`${expectedRevision} is not a revision`);
  }
  if (!/^[!-#%-~][!-~]*$/.test(stream)) throw new TypeError(`"${stream}" cannot be the name of a stream`);
}

/** @throws TypeError when `limit` is not a whole number of at least 1 */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) throw new TypeError(`cannot read ${limit} events`);
}

/** Whether an append that came too late is the repetition of one that succeeded: `stored` starts with the very same event ids. */
export function isRepetition(events: readonly EncodedEvent[], stored: readonly Pick<StoredEvent, 'id'>[]): boolean {
  return events.length <= stored.length && events.every(({ id }, index) => stored[index]?.id === id);
}
