import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cleanUp } from '#libs/read-model';
import { runAuthority } from '#libs/testing';

/** Every table's rows as text, in an order that does not depend on how they came in. */
type Tables = Record<string, string[]>;

/**
 * The read model of a stopped authority and one rebuilt from its log, both cleaned up at one time. They must be equal.
 *
 * @param scratch a folder that does not exist yet
 */
export async function liveAndRebuilt(dataDir: string, scratch: string): Promise<{ live: Tables; rebuilt: Tables }> {
  const [before, after] = [join(scratch, 'live'), join(scratch, 'rebuilt')];
  for (const copy of [before, after]) cpSync(dataDir, copy, { recursive: true });
  const { code, output } = await runAuthority(['read-model', 'rebuild'], { DATA_DIR: after });
  if (code !== 0) throw new Error(`rebuild failed: ${output}`);
  const now = new Date();
  return { live: await cleaned(before, now), rebuilt: await cleaned(after, now) };
}

async function cleaned(folder: string, now: Date): Promise<Tables> {
  const db = new DatabaseSync(join(folder, 'read-model.db'));
  try {
    while ((await cleanUp(db, { now, limit: 500 })) > 0);
    const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(names.map(({ name }) => [String(name), rowsOf(db, String(name))]));
  } finally {
    db.close();
  }
}

/** The checkpoint also says where the batch before it ended, which differs. */
function rowsOf(db: DatabaseSync, table: string): string[] {
  const columns = table.startsWith('checkpoint') ? 'position, eventId' : '*';
  const rows = db.prepare(`SELECT ${columns} FROM ${table}`).all();
  return rows.map((row) => JSON.stringify(row)).sort();
}
