import { type LogRecord } from './port.js';

/** A transaction takes no more than this, unless a single record is larger: so nothing that goes to one partition is. */
export const batchBytes = 1_048_576;
/** What a record may have: an append holds at most 1 MiB, and a record says little more than its event. */
export const maxRecordBytes = 2 * 1_048_576;
/** How many records a transaction takes. */
export const batchRecords = 1_000;

/** What a record takes: its key, body and headers. */
export function recordBytes({ key, value, headers }: LogRecord): number {
  let bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, content] of Object.entries(headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(content);
  return bytes;
}
