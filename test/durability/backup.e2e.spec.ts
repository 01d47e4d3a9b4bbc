import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { acquireDirectoryLock } from '#libs/event-store';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, endOf, runAuthority, runHydrant, spawnOwned, startAuthority, until } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { Ledger } from './ledger.js';
import { auditLog } from './log-audit.js';
import { liveAndRebuilt } from './read-model-comparison.js';
import { seededRandom } from './seeded-random.js';
import { writeUntilCutOff } from './write-load.js';

const seed = Number(process.env['KILL_SEED'] ?? 20190410);
const launcher = join(import.meta.dirname, '../../bin/hydrant.mjs');

describe('a backup', () => {
  const folder = blockFolder();
  const at = (name: string): string => join(folder.path, name);
  const backup = (dataDir: string, file: string) => runHydrant(['backup', file], { DATA_DIR: dataDir });
  const restore = (dataDir: string, file: string) => runHydrant(['restore', file], { DATA_DIR: dataDir });

  let used: string;
  beforeAll(async () => {
    used = at('used');
    const authority = await startAuthority(used);
    for (const id of ['a', 'b']) await new AuthorityClient(authority).createClient({ client_id: id });
    expect((await backup(used, at('used.backup'))).code).toBe(0);
    expect(await authority.stop()).toBe(0);
  }, 60_000);

  it(`taken under load has everything acknowledged before; the killed authority is replaced by it (seed ${seed})`, async () => {
    const ledger = new Ledger();
    const dataDir = at('original');
    const process = await startAuthority(dataDir);
    const authority = new AuthorityClient(process);
    const load = writeUntilCutOff({ authority, ledger, prefix: 'd', random: seededRandom(seed) });
    await until('the load', async () => ledger.acknowledged >= 150, 30_000);
    ledger.mark();
    const certain = ledger.certain;
    const before = ledger.acknowledged;
    const made = await backup(dataDir, at('drill.backup'));
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^backed up \d+ events up to position \d+, /),
    });
    expect(ledger.acknowledged).toBeGreaterThan(before);
    await until('more load', async () => ledger.acknowledged >= before + 50, 30_000);
    await process.kill();
    await load;

    const restoredDir = at('restored');
    const restored = await restore(restoredDir, at('drill.backup'));
    const [, said] = /up to position (\d+)/.exec(made.stdout) ?? [];
    const position = Number(said);
    expect(restored).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining(`up to position ${position}, `) },
      stderr: expect.stringMatching(/before the next start, give the system secret of the time of the backup/),
    });
    expect(auditLog(join(restoredDir, 'events.db')).problems).toEqual([]);
    expect(headOf(dataDir)).toBeGreaterThan(position);
    expect(headOf(restoredDir)).toBe(position);

    cpSync(join(dataDir, 'system-secret'), join(restoredDir, 'system-secret'));
    const beside = at('beside');
    cpSync(restoredDir, beside, { recursive: true });
    for (const name of readModelFiles(dataDir)) cpSync(join(dataDir, name), join(beside, name));
    const refused = await runAuthority(['serve', 'all'], { DATA_DIR: beside, ...anyPorts });
    expect(refused).toEqual({ code: 1, output: expect.stringMatching(seenMore) });

    const again = await startAuthority(restoredDir);
    expect(certain).toBeGreaterThan(50);
    expect(await ledger.differences(new AuthorityClient(again))).toEqual([]);
    expect(await again.stop()).toBe(0);
    expect(ledger.surprises).toEqual([]);
    const { live, rebuilt } = await liveAndRebuilt(restoredDir, at('comparison'));
    expect(live).toEqual(rebuilt);
  }, 120_000);

  it('goes through stdout and stdin, and is the same as a file', async () => {
    const output = openSync(at('streamed.backup'), 'w');
    const child = spawnOwned(process.execPath, [launcher, 'backup', '-'], {
      ...{ cwd: tmpdir(), env: { DATA_DIR: used, TMPDIR: folder.path } },
      stdio: ['ignore', output, 'ignore'],
    });
    expect(await endOf(child)).toBe(0);
    closeSync(output);
    const [streamed, file] = [readFileSync(at('streamed.backup')), readFileSync(at('used.backup'))];
    expect(streamed.subarray(0, -512).equals(file.subarray(0, -512))).toBe(true);
    const trailer = JSON.parse(streamed.subarray(-512).toString());
    expect(trailer.sha256).toBe(createHash('sha256').update(streamed.subarray(0, -512)).digest('hex'));
    expect(readdirSync(folder.path).filter((name) => name.startsWith('hydrant-backup-'))).toEqual([]);
    const receiver = restoring(at('received'));
    receiver.stdin!.end(streamed);
    expect(await endOf(receiver)).toBe(0);
    cpSync(join(used, 'system-secret'), join(at('received'), 'system-secret'));
    expect(await clientsOf(at('received'))).toEqual(['a', 'b']);
  }, 60_000);

  it('whose restore is killed leaves no log; the next one does its work', async () => {
    const bytes = readFileSync(at('used.backup'));
    const target = at('half');
    const child = restoring(target);
    child.stdin!.write(bytes.subarray(0, bytes.length - 100));
    await until('the restore', async () => existsSync(join(target, 'events.db.restoring')), 20_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(target, 'events.db'))).toBe(false);
    writeFileSync(join(target, 'read-model.db'), 'of another log');
    cpSync(join(used, 'system-secret'), join(target, 'system-secret'));
    expect(await restore(target, at('used.backup'))).toMatchObject({
      ...{
        code: 0,
        stderr: expect.stringMatching(/^the system secret that is configured, or in the folder, opens it$/m),
      },
    });
    expect(readdirSync(target).sort()).toEqual(['events.db', 'lock.db', 'system-secret']);
    expect(readFileSync(join(target, 'events.db')).equals(bytes.subarray(0, -512))).toBe(true);
  }, 60_000);

  it('overwrites nothing, and is not restored over anything', async () => {
    const first = readFileSync(at('used.backup'));
    const refused = (says: string): unknown => ({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(new RegExp(`^hydrant: [^\\n]*${says}[^\\n]*\\n$`)),
    });
    expect(await backup(used, at('used.backup'))).toEqual(refused('used.backup is there already'));
    expect(readFileSync(at('used.backup')).equals(first)).toBe(true);
    writeFileSync(at('other.partial'), 'x');
    expect(await backup(used, at('other'))).toEqual(refused('another backup writes it, or was killed: delete it'));
    expect(await restore(used, at('used.backup'))).toEqual(refused('events.db is there already: move it away'));
    expect(await restore(at('nowhere'), at('not-there'))).toEqual(refused('no such file'));
    expect(await backup(at('empty'), at('of-nothing'))).toEqual(refused('is not there: start an authority'));
    writeFileSync(at('noise'), randomBytes(10_000));
    expect(await restore(at('noisy'), at('noise'))).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(/^hydrant: the backup cannot be restored: it does not end as a backup does$/m),
    });
    expect(existsSync(join(at('noisy'), 'events.db'))).toBe(false);
    expect([existsSync(at('of-nothing')), existsSync(at('of-nothing.partial'))]).toEqual([false, false]);
    const lock = acquireDirectoryLock(at('running'));
    expect(await restore(at('running'), at('used.backup'))).toEqual(refused('is in use by another Hydrant process'));
    lock.release();
  }, 60_000);

  it('is not what EventStoreDB is backed up by', async () => {
    const env = { EVENT_STORE: 'esdb://localhost:2113', SECRETS_SYSTEM: 'of-no-importance-here' };
    for (const command of ['backup', 'restore']) {
      const end = await runHydrant([command, at('nothing')], env);
      expect(end).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^hydrant: EVENT_STORE [^\n]*eventstoredb\.md\n$/),
      });
    }
  });

  function restoring(dataDir: string): ReturnType<typeof spawnOwned> {
    return spawnOwned(process.execPath, [launcher, 'restore', '-'], {
      ...{ cwd: tmpdir(), env: { DATA_DIR: dataDir } },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }
});

const anyPorts = { SERVE_ADMIN_PORT: '0', SERVE_PUBLIC_PORT: '0', URLS_SELF_ISSUER: 'http://localhost:4444' };

const seenMore =
  /^hydrant: [^\n]*read-model\.db has seen more events than this event store has: run `hydrant read-model rebuild`\n$/;

function readModelFiles(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith('read-model.db'));
}

function headOf(dataDir: string): number {
  const db = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  const head = db.prepare('SELECT max(position) AS head FROM events').get()?.['head'];
  db.close();
  return Number(head);
}

async function clientsOf(dataDir: string): Promise<string[]> {
  const authority = await startAuthority(dataDir);
  const { json } = await new AuthorityClient(authority).admin('GET', '/clients');
  expect(await authority.stop()).toBe(0);
  return json.map(({ client_id: id }: { client_id: string }) => id);
}
