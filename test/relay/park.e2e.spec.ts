import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidV7 } from '#libs/crypto';
import { openSqliteEventStore, openSqliteLogReader } from '#libs/event-store';
import { type AuthorityProcess, type HydrantResult, runHydrant, scratchFolder, startAuthority } from '#libs/harness';

describe('hydrant relay park', () => {
  let dataDir: string;
  let remove: () => Promise<void>;
  let authority: AuthorityProcess;
  /** Where the event stands that nobody can read. */
  let unreadable: number;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    [dataDir, remove] = [scratch.folder, scratch.remove];
    authority = await startAuthority(dataDir);
    await authority.stop();
    const store = openSqliteEventStore(dataDir);
    const event = { id: uuidV7(new Date()), type: 'ClientCreated', data: '{"clientId":1}', metadata: '{}' };
    unreadable = (await store.append('client-a', [event], { expectedRevision: -1 })).position;
    await store.close();
  });
  afterAll(async () => {
    await remove();
  });

  it('lets an event pass once, and says in the log which, who and why', async () => {
    const { code, stdout } = await park(unreadable);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^event ClientCreated at position \d+ is let pass/)]);
    const store = openSqliteLogReader(dataDir);
    const [parked] = await store.readStream('relay');
    await store.close();
    expect(JSON.parse(parked!.data)).toMatchObject({
      position: unreadable,
      eventType: 'ClientCreated',
      reason: 'a test',
    });
    expect(JSON.parse(parked!.metadata)).toMatchObject({ actor: 'mira', reason: 'a test' });
    expect(await park(unreadable)).toMatchObject({ code: 1, stderr: expect.stringContaining('or is parked already') });
  });

  it('lets nothing pass that can be published, or that is not there', async () => {
    expect(await park(1)).toMatchObject({ code: 1, stderr: expect.stringContaining('can be published') });
    expect(await park(999)).toMatchObject({ code: 1, stderr: 'hydrant: no event is at position 999\n' });
  });

  function park(position: number): Promise<HydrantResult> {
    const args = ['--position', String(position), '--reason', 'a test', '--actor', 'mira'];
    return runHydrant(['relay', 'park', ...args], { DATA_DIR: dataDir, KAFKA_BROKERS: '127.0.0.1:1' });
  }
});
