import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, runAuthority, startAuthority } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { fourAtATime } from './four-at-a-time.js';

const ports = { SERVE_ADMIN_PORT: '0', SERVE_PUBLIC_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1' };

/** What is done to `events.db`, and what the refusal says. */
const damages: readonly [what: string, harm: (file: string) => void, says: RegExp][] = [
  ['random bytes', (file) => writeFileSync(file, randomBytes(64 * 1024)), /is not an SQLite file/],
  ['an empty file', (file) => writeFileSync(file, ''), /is not an SQLite file/],
  ['flipped bytes in the middle', flipMiddle, /is damaged/],
  ['a truncated file', (file) => truncateSync(file, Math.floor(statSync(file).size / 2)), /is truncated|is damaged/],
  ['a file cut inside a page', (file) => truncateSync(file, statSync(file).size - 1000), /is truncated|is damaged/],
  ['a file of a newer version', (file) => sql(file, 'PRAGMA user_version = 999'), /newer Hydrant/],
  ['an SQLite file of somebody else', foreign, /is not a Hydrant event log/],
];

describe('the data folder', () => {
  const folder = blockFolder();
  /** A data folder of a stopped authority with some history; every case works on a copy. */
  let used: string;

  beforeAll(async () => {
    used = join(folder.path, 'used');
    const authority = await startAuthority(used);
    const client = new AuthorityClient(authority);
    for (let number = 0; number < 20; number++) await client.createClient({ client_id: `client-${number}` });
    expect(await authority.stop()).toBe(0);
  });

  it('is for its owner only, as is the system secret in it', () => {
    expect(statSync(used).mode & 0o777).toBe(0o700);
    expect(statSync(join(used, 'system-secret')).mode & 0o777).toBe(0o600);
  });

  it('has files for their owner only, also where it was there and open to others', async () => {
    const open = join(folder.path, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const before = process.umask(0o022);
    const authority = await startAuthority(open).finally(() => process.umask(before));
    expect(await authority.stop()).toBe(0);
    const modes = readdirSync(open, { recursive: true }).map((name) => {
      const found = statSync(join(open, String(name)));
      return [name, found.mode & 0o077, found.isDirectory()];
    });
    expect(modes.length).toBeGreaterThan(2);
    expect(modes.filter(([, others]) => others !== 0)).toEqual([]);
  });

  it('is refused in one line and left as it was when its log is damaged or not ours', async () => {
    await fourAtATime(damages, async ([what, harm, says]) => {
      const dataDir = copyOf(what);
      const log = join(dataDir, 'events.db');
      harm(log);
      const before = readFileSync(log);
      const { code, output } = await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: dataDir });
      expect({ what, code, output }).toEqual({ what, code: 1, output: oneLine('events\\.db ') });
      expect({ what, output }).toEqual({ what, output: expect.stringMatching(says) });
      expect({ what, untouched: readFileSync(log).equals(before) }).toEqual({ what, untouched: true });
    });
  }, 60_000);

  it('is refused to a second process, which says so; the first goes on', async () => {
    const shared = copyOf('shared');
    const authority = await startAuthority(shared);
    const before = readFileSync(join(shared, 'events.db'));
    const [second, rebuild] = await Promise.all([
      runAuthority(['serve', 'all'], { ...ports, DATA_DIR: shared }),
      runAuthority(['read-model', 'rebuild'], { DATA_DIR: shared }),
    ]);
    const refused = { code: 1, output: oneLine('in use by another Hydrant') };
    expect(second).toEqual(refused);
    expect(rebuild).toEqual(refused);
    expect(readFileSync(join(shared, 'events.db')).equals(before)).toBe(true);
    expect((await new AuthorityClient(authority).admin('GET', '/clients/client-7')).status).toBe(200);
    expect(await authority.stop()).toBe(0);
  });

  it('is refused when its read model is damaged, until the command that the refusal names has rebuilt it', async () => {
    const harms: readonly [string, (file: string) => void][] = [
      ['random read model', (file) => writeFileSync(file, randomBytes(64 * 1024))],
      ['flipped read model', flipMiddle],
      ['half a read model', (file) => truncateSync(file, Math.floor(statSync(file).size / 4096 / 2) * 4096)],
    ];
    await fourAtATime(harms, async ([what, harm]) => {
      const dataDir = copyOf(what);
      harm(join(dataDir, 'read-model.db'));
      const { code, output } = await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: dataDir });
      expect({ what, code, output }).toEqual({
        what,
        code: 1,
        output: oneLine('read-model\\.db .*hydrant read-model rebuild'),
      });
      await rebuild(dataDir);
    });
  }, 60_000);

  it('without a read model builds one', async () => {
    const without = copyOf('without');
    rmSync(join(without, 'read-model.db'));
    const authority = await startAuthority(without);
    expect((await new AuthorityClient(authority).admin('GET', '/clients/client-19')).status).toBe(200);
    expect(await authority.stop()).toBe(0);
  });

  it('is refused with an older log beside a newer read model, or with one that went on differently', async () => {
    const branches = await fourAtATime(['left', 'right'], async (name) => {
      const dataDir = copyOf(name);
      const authority = await startAuthority(dataDir);
      for (let number = 0; number < 3; number++) await new AuthorityClient(authority).createClient();
      expect(await authority.stop()).toBe(0);
      return dataDir;
    });
    const [left = '', right = ''] = branches;
    for (const other of [join(right, 'events.db'), join(used, 'events.db')]) {
      cpSync(other, join(left, 'events.db'));
      const end = await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: left });
      expect(end).toEqual({ code: 1, output: oneLine('read-model\\.db .*hydrant read-model rebuild') });
      expect(readFileSync(join(left, 'events.db')).equals(readFileSync(other))).toBe(true);
    }
    await rebuild(left);
    const authority = await startAuthority(left);
    expect((await new AuthorityClient(authority).admin('GET', '/clients/client-19')).status).toBe(200);
    expect(await authority.stop()).toBe(0);
  }, 60_000);

  it('with a write-ahead log but no log is refused', async () => {
    const headless = copyOf('headless');
    rmSync(join(headless, 'events.db'));
    writeFileSync(join(headless, 'events.db-wal'), randomBytes(4096));
    const end = await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: headless });
    expect(end).toEqual({ code: 1, output: oneLine('is missing') });
    expect(existsSync(join(headless, 'events.db'))).toBe(false);
  });

  function copyOf(name: string): string {
    const copy = join(folder.path, name);
    rmSync(copy, { recursive: true, force: true });
    cpSync(used, copy, { recursive: true });
    return copy;
  }

  /** Runs the command and finds in the file what the log tells. */
  async function rebuild(dataDir: string): Promise<void> {
    const end = await runAuthority(['read-model', 'rebuild'], { DATA_DIR: dataDir });
    expect(end).toEqual({ code: 0, output: expect.stringMatching(/^applied \d+ events to [^\n]*\n$/) });
    const db = new DatabaseSync(join(dataDir, 'read-model.db'), { readOnly: true });
    const table = db
      .prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'clients_v[0-9]*' AND type = 'table'")
      .get();
    expect(db.prepare(`SELECT count(*) AS clients FROM ${String(table?.['name'])}`).get()).toEqual({ clients: 20 });
    db.close();
  }
});

/** The whole output of a refused start. */
function oneLine(says: string): unknown {
  return expect.stringMatching(new RegExp(`^hydrant: [^\\n]*${says.replaceAll('.*', '[^\\n]*')}[^\\n]*\\n$`));
}

function flipMiddle(file: string): void {
  const bytes = readFileSync(file);
  const pageBytes = bytes.readUInt16BE(16);
  for (let page = 1; page < bytes.length / pageBytes; page++) {
    for (let at = page * pageBytes; at < page * pageBytes + 16; at++) bytes[at] = 0xff ^ (bytes[at] ?? 0);
  }
  writeFileSync(file, bytes);
}

function sql(file: string, statement: string): void {
  const db = new DatabaseSync(file);
  db.exec(statement);
  db.close();
}

function foreign(file: string): void {
  rmSync(file);
  mkdirSync(join(file, '..'), { recursive: true });
  sql(file, 'CREATE TABLE shopping (item TEXT); PRAGMA user_version = 1');
}
