import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cleanUp } from '#libs/read-model';
import { runAuthority } from '#libs/harness';

/** Every table's rows as text, in an order that does not depend on how they came in. */
type Tables = Record<string, string[]>;

/**
 * The read model of a stopped authority and one rebuilt from its log, both cleaned up at one time. They must be equal.
 *
 * @param scratch a folder that does not exist yet
 * @param env names the event store where it is not in the folder; others may write to it, so the checkpoints may differ then
 */
export async function liveAndRebuilt(
  dataDir: string,
  scratch: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ live: Tables; rebuilt: Tables }> {
  const [before, after] = [join(scratch, 'live'), join(scratch, 'rebuilt')];
  for (const copy of [before, after]) cpSync(dataDir, copy, { recursive: true });
  const { code, output } = await runAuthority(['read-model', 'rebuild'], { ...env, DATA_DIR: after });
  if (code !== 0) throw new Error(`rebuild failed: ${output}`);
  const now = new Date();
  const [live, rebuilt] = [await cleaned(before, now), await cleaned(after, now)];
  if (env.EVENT_STORE === undefined) return { live, rebuilt };
  return { live: withoutCheckpoint(live), rebuilt: withoutCheckpoint(rebuilt) };
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

function withoutCheckpoint(tables: Tables): Tables {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => !name.startsWith('checkpoint')));
}

/** The checkpoint also says where the batch before it ended, which differs. */
function rowsOf(db: DatabaseSync, table: string): string[] {
  const columns = table.startsWith('checkpoint') ? 'position, eventId' : '*';
  const rows = db.prepare(`SELECT ${columns} FROM ${table}`).all();
  return rows.map((row) => JSON.stringify(row)).sort();
}
