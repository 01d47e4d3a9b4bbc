import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { AuthorityClient, startAuthority, until } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { Ledger } from './ledger.js';
import { auditLog } from './log-audit.js';
import { liveAndRebuilt } from './read-model-comparison.js';
import { seededRandom } from './seeded-random.js';
import { writeUntilCutOff } from './write-load.js';

const seed = Number(process.env['KILL_SEED'] ?? 20190410);
const rounds = 5;

describe('killed while it writes', () => {
  const folder = blockFolder();

  it(`keeps all it acknowledged, and nothing by halves, ${rounds} times over (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const ledger = new Ledger();
    const dataDir = join(folder.path, 'data');
    for (let round = 1; round <= rounds; round++) {
      await writeAndKill(dataDir, { ledger, random, round });
      const copy = join(folder.path, `killed-${round}`);
      cpSync(dataDir, copy, { recursive: true });
      expect(auditLog(join(copy, 'events.db')).problems).toEqual([]);
      const authority = await startAuthority(dataDir);
      expect(await ledger.differences(new AuthorityClient(authority))).toEqual([]);
      expect(await authority.stop()).toBe(0);
    }
    expect(ledger.surprises).toEqual([]);
    const { events, problems } = auditLog(join(dataDir, 'events.db'));
    expect(problems).toEqual([]);
    expect(events).toBeGreaterThan(rounds * 50);
    expect(problemsWithout(dataDir, 'LoginVerifierRedeemed')).not.toEqual([]); // the audit can fail
    const { live, rebuilt } = await liveAndRebuilt(dataDir, join(folder.path, 'comparison'));
    expect(Object.values(live).flat().length).toBeGreaterThan(rounds * 50);
    expect(live).toEqual(rebuilt);
  }, 180_000);

  function problemsWithout(dataDir: string, type: string): string[] {
    const harmed = join(folder.path, 'harmed.db');
    cpSync(join(dataDir, 'events.db'), harmed);
    const db = new DatabaseSync(harmed);
    db.prepare('DELETE FROM events WHERE position = (SELECT min(position) FROM events WHERE type = ?)').run(type);
    db.close();
    return auditLog(harmed).problems;
  }
});

/** The moment of the kill is a seeded number of acknowledgements into the load. */
async function writeAndKill(
  dataDir: string,
  { ledger, random, round }: { ledger: Ledger; random: () => number; round: number },
): Promise<void> {
  const process = await startAuthority(dataDir);
  const load = writeUntilCutOff({ authority: new AuthorityClient(process), ledger, prefix: `r${round}`, random });
  const enough = ledger.acknowledged + 40 + Math.floor(random() * 250);
  await until('the load', async () => ledger.acknowledged >= enough || ledger.surprises.length > 0, 30_000);
  await process.kill();
  await load;
}
