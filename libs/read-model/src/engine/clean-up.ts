import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ReadModelDatabase, change, inTransaction, statement } from './database.js';
import { type DeadRows } from './projection.js';
import { projections } from './projections.js';

/**
 * Removes rows that can never be alive again: one pass over all tables that have such, in steps of `limit` rows looked at, leaving the event
 * loop after each. Reads never show these rows, so when it runs, and whether it gets to its end, changes no answer.
 *
 * @returns how many rows were removed; 0 means that at `now` nothing is left to remove
 */
export async function cleanUp(db: ReadModelDatabase, options: { now: Date; limit: number }): Promise<number> {
  let removed = 0;
  for (const dead of projections.flatMap((projection) => projection.dead)) {
    for (let after: number | undefined = 0; after !== undefined && db.isOpen;) {
      const step: Step = cleanUpStep(db, dead, { ...options, after });
      removed += step.removed;
      after = step.next;
      await nextTurn();
    }
  }
  return removed;
}

/** `next`: where the following step starts, undefined at the end of the table. */
type Step = { removed: number; next: number | undefined };

function cleanUpStep(
  db: ReadModelDatabase,
  { table, where }: DeadRows,
  { now, limit, after }: { now: Date; limit: number; after: number },
): Step {
  const select = statement(
    db,
    `SELECT t.rowid AS id, (${where}) AS dead FROM ${table} t WHERE t.rowid > $after ORDER BY t.rowid LIMIT $limit`,
  );
  select.setAllowUnknownNamedParameters(true); // not every condition asks for the time
  const rows = select.all({ $after: after, $limit: limit, $now: now.getTime() }) as { id: number; dead: number }[];
  const dead = rows.filter((row) => row.dead === 1);
  if (dead.length > 0) {
    const sql = `DELETE FROM ${table} WHERE rowid = ?`;
    inTransaction(db, () => dead.forEach(({ id }) => change(db, sql, id)));
  }
  return { removed: dead.length, next: rows.length < limit ? undefined : rows.at(-1)!.id };
}
