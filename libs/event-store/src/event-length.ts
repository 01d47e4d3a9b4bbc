import { type EncodedEvent } from './port.js';

/** What an event takes, in characters, which are bytes as long as they are ASCII. */
export function eventLength({ data, metadata }: Pick<EncodedEvent, 'data' | 'metadata'>): number {
  return data.length + metadata.length;
}
