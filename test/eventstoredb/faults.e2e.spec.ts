import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, scratchFolder, startAuthority, until } from '#libs/harness';
import { liveAndRebuilt } from '../durability/read-model-comparison.js';
import { auditStore } from './fault-audit.js';
import { FaultLoad } from './fault-load.js';
import { type FaultyStore, faultyStores, freezeMs, openDouble } from './faulty-stores.js';

const instances = 2;
const underLoad = 150;

describe.each(faultyStores)('an authority on %s', (_name, open) => {
  let store: FaultyStore;
  let processes: AuthorityProcess[];
  let load: FaultLoad;
  let folder: string;
  const cleanUps: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    const scratch = await scratchFolder();
    store = await open();
    folder = scratch.folder;
    cleanUps.push(scratch.remove, () => store.close());
    const folders = Array.from({ length: instances }, (_, index) => join(folder, `instance-${index}`));
    processes = await Promise.all(folders.map((dataDir) => startAuthority(dataDir, { ...store.env })));
    cleanUps.push(() => Promise.all(processes.map((process) => process.kill())));
    const clients = processes.map((process) => new AuthorityClient(process));
    load = new FaultLoad(clients, await clients[0]!.createClient({ client_id: 'machine' }));
    load.start();
    await atLeast(underLoad);
  }, 90_000);

  afterEach(async () => {
    const stopped = load?.stop(); // what it waits for may never come while the instances live
    const problems: unknown[] = [];
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp().catch((problem) => problems.push(problem));
    await stopped;
    expect(problems).toEqual([]);
  }, 60_000);

  const atLeast = (count: number): Promise<void> =>
    until(`${count} acknowledged writes`, async () => load.acknowledged >= count || load.surprises.length > 0, 60_000);

  const readiness = async (): Promise<number[]> =>
    Promise.all(processes.map(async ({ adminUrl }) => (await fetch(`${adminUrl}/health/ready`)).status));
  const ready = (status: number): Promise<void> =>
    until(`readiness ${status}`, async () => (await readiness()).every((each) => each === status), 60_000);

  /** Everything that must hold after a fault is over. */
  async function nothingIsAmiss(): Promise<void> {
    await ready(200);
    await atLeast(load.acknowledged + underLoad);
    await load.stop();
    expect(load.surprises).toEqual([]);
    expect(processes.map(({ child }) => child.exitCode)).toEqual(processes.map(() => null));
    for (const process of processes) expect(await load.differences(new AuthorityClient(process))).toEqual([]);
    expect(await auditStore(store, load)).toEqual([]);
    expect(Math.max(...processes.map(residentMiB))).toBeLessThan(600);
    for (const [index, process] of processes.entries()) {
      expect(await process.stop()).toBe(0);
      const scratch = join(folder, `comparison-${index}`);
      const { live, rebuilt } = await liveAndRebuilt(process.dataDir, scratch, store.env);
      expect(Object.values(live).flat().length).toBeGreaterThan(underLoad);
      expect(live).toEqual(rebuilt);
    }
  }

  it('gets over the death of the server under load', async () => {
    await store.kill();
    await ready(503);
    await store.restart();
    await nothingIsAmiss();
    expect(load.unavailable).toBeGreaterThan(0);
  }, 180_000);

  it('gets over a server that freezes under load', async () => {
    store.freeze(true);
    const thaw = wait(freezeMs).then(() => store.freeze(false));
    await ready(503);
    await thaw;
    await nothingIsAmiss();
  }, 180_000);

  it('gets over more appends at once than are let through', async () => {
    const [authority] = processes.map((process) => new AuthorityClient(process));
    const names = Array.from({ length: 400 }, (_, index) => `burst-${index}`);
    const statuses = await Promise.all(
      names.map(async (set) => (await authority!.admin('POST', `/keys/${set}`, { alg: 'HS256' })).status),
    );
    expect(new Set(statuses)).toEqual(new Set([201]));
    await nothingIsAmiss();
  }, 180_000);

  it('resumes behind what a scavenge removed', async () => {
    await store.scavenge();
    await atLeast(load.acknowledged + underLoad);
    const [first] = processes;
    await load.stop();
    await first!.kill();
    await store.scavenge();
    const again = await startAuthority(first!.dataDir, { ...store.env });
    processes[0] = again;
    const clients = processes.map((process) => new AuthorityClient(process));
    load = new FaultLoad(clients, await clients[0]!.createClient({ client_id: 'another-machine' }), 'again');
    load.start();
    await nothingIsAmiss();
  }, 180_000);

  if (open !== openDouble) return; // of what follows nobody can ask a real server

  it('gets over subscriptions dropped again and again, and answers that get lost', async () => {
    const { faults } = store.double!;
    faults.loseEvery(50);
    for (let drop = 0; drop < 4; drop++) {
      faults.dropSubscriptions('consumer-too-slow');
      await atLeast(load.acknowledged + 40);
    }
    faults.loseEvery(0);
    await nothingIsAmiss();
  }, 180_000);

  it('finds out that a subscription has fallen silent', async () => {
    const { faults } = store.double!;
    faults.goSilent(true);
    await ready(503);
    faults.goSilent(false);
    await nothingIsAmiss();
  }, 180_000);
});

/** Resident memory of a process, MiB. */
function residentMiB({ child }: AuthorityProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
