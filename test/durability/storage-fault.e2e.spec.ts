import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { AuthorityClient, startAuthority, until } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { describe, expect, it } from '@jest/globals';
import { auditLog } from './log-audit.js';
import { liveAndRebuilt } from './read-model-comparison.js';

type Line = { level: string; msg: string; part?: string; kind?: string };

describe('a disk that takes no more writes', () => {
  const folder = blockFolder();

  it('is answered 503 until it does again; the process goes on, and everything acknowledged is there', async () => {
    const dataDir = join(folder.path, 'data');
    const authority = await startAuthority(dataDir);
    const client = new AuthorityClient(authority);
    const create = (id: string): Promise<Response> =>
      fetch(`${authority.adminUrl}/clients`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ client_id: id, client_secret: 'a-secret-of-a-client' }),
      });
    const ready = (): Promise<Response> => fetch(`${authority.adminUrl}/health/ready`);
    const faults = async (): Promise<string[]> =>
      (await (await fetch(`${authority.adminUrl}/metrics/prometheus`)).text())
        .split('\n')
        .filter((line) => line.startsWith('hydrant_storage_fault') && !line.endsWith(' 0'));
    expect((await create('before')).status).toBe(201);
    expect(await faults()).toEqual([]);

    limitFiles(authority.pid, '0');
    for (const id of ['refused-1', 'refused-2']) {
      const refused = await create(id);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).not.toBeNull();
    }
    const notReady = await ready();
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toEqual({
      reason: 'io_error',
      errors: { database: 'the event log cannot be written: disk I/O error' },
    });
    expect(await faults()).toEqual(['hydrant_storage_fault{part="event_log",kind="io_error"} 1']);
    expect((await fetch(`${authority.adminUrl}/clients/before`)).status).toBe(200);
    await until('the log tells', async () => told(authority.output()).length > 0);

    limitFiles(authority.pid, 'unlimited');
    await until('it is ready again without a request that writes', async () => (await ready()).status === 200);
    expect((await create('refused-1')).status).toBe(201);
    expect((await create('after')).status).toBe(201);
    await until('the log tells of the end', async () => told(authority.output()).length > 1);
    expect(told(authority.output())).toMatchObject([
      { level: 'error', part: 'event_log', kind: 'io_error' },
      { level: 'info', part: 'event_log', msg: 'the storage works again' },
    ]);
    for (const id of ['before', 'refused-1', 'after'])
      expect((await client.admin('GET', `/clients/${id}`)).status).toBe(200);
    expect((await fetch(`${authority.adminUrl}/clients/refused-2`)).status).toBe(404);
    expect(await authority.stop()).toBe(0);

    expect(auditLog(join(dataDir, 'events.db')).problems).toEqual([]);
    const { live, rebuilt } = await liveAndRebuilt(dataDir, join(folder.path, 'comparison'));
    expect(live).toEqual(rebuilt);
  });
});

/** The size up to which a running process may write files, in bytes: beyond it the system refuses each write. */
function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`]);
}

function told(output: string): Line[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ part }) => part !== undefined);
}
