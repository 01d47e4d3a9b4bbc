import { type Position } from '#libs/event-store';
import { type LogRecord } from '../relay/port.js';

/** The position of its event in the log, as a record says it; undefined when it is not one of ours. */
export function sequenceOf({ headers }: Pick<LogRecord, 'headers'>): Position | undefined {
  const { ce_sequence: sequence } = headers;
  return sequence !== undefined && /^\d{20}$/.test(sequence) ? (Number(sequence) as Position) : undefined;
}
