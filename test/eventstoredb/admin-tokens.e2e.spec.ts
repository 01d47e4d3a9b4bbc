import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, runHydrant, scratchFolder, startAuthority } from '#libs/harness';
import { type StoreUnderTest, storesUnderTest } from './event-store-under-test.js';

describe.each(storesUnderTest)('tokens for the Admin API of two instances on %s', (_name, open) => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let store: StoreUnderTest;
  let processes: AuthorityProcess[];

  beforeAll(async () => {
    store = await open();
    cleanUps.push(() => store.close());
    const start = async (env: Record<string, string>): Promise<AuthorityProcess> => {
      const { folder, remove } = await scratchFolder();
      cleanUps.push(remove);
      const process = await startAuthority(folder, { ...store.env, ADMIN_AUTH: 'token', ...env });
      cleanUps.push(() => process.stop());
      return process;
    };
    const issuer = { URLS_SELF_ISSUER: 'http://issuer.example.org/' };
    processes = [await start(issuer), await start(issuer)];
  }, 60_000);
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  const offline = (...args: string[]) => runHydrant(['admin-tokens', ...args, '--offline'], store.env);
  const statuses = (token: string): Promise<number[]> =>
    Promise.all(
      processes.map(async (process) => {
        const client = new AuthorityClient(process, { authorization: `Bearer ${token}` });
        return (await client.admin('GET', '/clients')).status;
      }),
    );

  it('are made beside them, and let in and keep out on both at once', async () => {
    const { code, stdout, stderr } = await offline('create', 'root', '--scope', 'all');
    expect([code, stderr]).toEqual([0, '']);
    const root = stdout.trim();
    expect(await statuses(root)).toEqual([200, 200]);
    const [one, other] = processes.map((each) => new AuthorityClient(each, { authorization: `Bearer ${root}` }));
    const { json } = await one!.admin('POST', '/admin-tokens', { name: 'reader', scope: 'clients:read' });
    expect(await statuses(json.token)).toEqual([200, 200]);
    expect((await other!.admin('DELETE', '/admin-tokens/reader')).status).toBe(204);
    expect(await statuses(json.token)).toEqual([401, 401]);
    expect((await offline('revoke', 'root')).code).toBe(0);
    expect(await statuses(root)).toEqual([401, 401]);
  }, 60_000);
});
