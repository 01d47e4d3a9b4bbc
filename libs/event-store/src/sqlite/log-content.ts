import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefusedError } from '../errors.js';
import { type Position } from '../port.js';

/** What a log holds: its last event, how many there are. `logId` is the id of the first event of stream `root`, as the relay has it. */
export type LogContent = {
  readonly logId: string;
  readonly position: Position;
  readonly eventId: string;
  readonly events: number;
};

/** What the log holds in the transaction that this connection is in. @throws StoreRefusedError when nobody has served from it yet */
export function contentOf(db: DatabaseSync): LogContent {
  const first = db.prepare(`SELECT id FROM events WHERE stream = 'root' ORDER BY revision LIMIT 1`).get();
  const last = db.prepare('SELECT position, id FROM events ORDER BY position DESC LIMIT 1').get();
  if (first === undefined || last === undefined) {
    throw new StoreRefusedError('the event log has no root key yet: start an authority on it first');
  }
  const events = db.prepare('SELECT count(*) AS events FROM events').get()?.['events'];
  return {
    ...{ logId: String(first['id']), position: last['position'] as Position },
    ...{ eventId: String(last['id']), events: Number(events) },
  };
}

/**
 * Makes sure of every page of a copy that nobody has open, and that it holds this. Nothing is made beside the file.
 *
 * @throws StoreRefusedError when it is damaged, or is not what it should be
 */
export function checkCopy(file: string, expected: LogContent): void {
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  const problem = problemOf(() => {
    const db = new DatabaseSync(url, { readOnly: true });
    try {
      const found = db.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
      if (found !== 'ok') return String(found);
      const { logId, position, eventId, events } = contentOf(db);
      const same = logId === expected.logId && position === expected.position;
      return same && eventId === expected.eventId && events === expected.events ? undefined : 'it is another log';
    } finally {
      db.close();
    }
  });
  if (problem !== undefined) throw new StoreRefusedError(`the copy is damaged: ${problem.replace(/\s+/g, ' ')}`);
}

function problemOf(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
