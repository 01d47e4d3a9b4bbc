import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '#libs/eventstoredb-double';
import { AuthorityClient, type AuthorityProcess, TcpRelay, scratchFolder, startAuthority, until } from '#libs/harness';

const staleMs = 1_500;

describe('an authority that is led to a leader that was', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let leader: EventStoreDbDouble;
  let stale: EventStoreDbDouble;
  let relay: TcpRelay;
  let instance: AuthorityProcess;

  beforeEach(async () => {
    const scratch = await scratchFolder();
    [leader, stale, relay] = [
      await startEventStoreDbDouble(),
      await startEventStoreDbDouble(),
      await TcpRelay.listen(),
    ];
    cleanUps.push(
      scratch.remove,
      () => leader.close(),
      () => stale.close(),
      () => relay.close(),
    );
    relay.up(leader.port);
    const url = `esdb://127.0.0.1:${relay.port}?tls=false`;
    const env = { EVENT_STORE: url, SECRETS_SYSTEM: 'a-system-secret-for-tests' };
    instance = await startAuthority(join(scratch.folder, 'data'), env);
    cleanUps.push(() => instance.kill());
  }, 60_000);
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  function leadTo(double: EventStoreDbDouble): void {
    relay.up(double.port);
    relay.cut();
  }

  it('answers 503 meanwhile, never 404 for what was acknowledged, and goes on', async () => {
    const authority = new AuthorityClient(instance);
    const { id } = await authority.createClient({ client_id: 'known' });
    const statuses = new Set<number>();
    const ask = async (): Promise<void> => {
      for (const method of ['GET', 'PUT']) {
        const body = method === 'PUT' ? { client_name: 'changed' } : undefined;
        statuses.add((await authority.admin(method, `/clients/${id}`, body)).status);
      }
    };
    leadTo(stale);
    const end = performance.now() + staleMs;
    while (performance.now() < end) await ask();
    expect(statuses).toContain(503);
    leadTo(leader);
    const isReady = async () => (await fetch(`${instance.adminUrl}/health/ready`)).status === 200;
    await until('it is ready again', isReady);
    await ask();
    expect([...statuses].sort()).toEqual([200, 503]);
    expect((await authority.admin('GET', `/clients/${id}`)).json.client_name).toBe('changed');
    expect(instance.child.exitCode).toBeNull();
  }, 60_000);
});
