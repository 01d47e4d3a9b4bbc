import { type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AuthorityClient,
  type AuthorityProcess,
  endOf,
  scratchFolder,
  spawnOwned,
  startAuthority,
  until,
} from '#libs/harness';
import { liveAndRebuilt } from '../durability/read-model-comparison.js';
import { auditStore } from './fault-audit.js';
import { FaultLoad } from './fault-load.js';
import { type FaultyStore } from './faulty-stores.js';

const { EVENTSTOREDB_CLUSTER_COMMAND: command, EVENTSTOREDB_CLUSTER_URL: url } = process.env;
const describeWithCluster = command === undefined || url === undefined ? describe.skip : describe;
const nodes = [1, 2, 3] as const;
const underLoad = 150;

type Member = { state: string; isAlive: boolean; httpEndPointPort: number };

describeWithCluster(
  'an authority on a cluster of three nodes (EVENTSTOREDB_CLUSTER_COMMAND, EVENTSTOREDB_CLUSTER_URL)',
  () => {
    const members = new Map<number, ChildProcess>();
    const ports = [...(url ?? '').matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
    let folder: string;
    let remove: () => Promise<void>;
    let store: Pick<FaultyStore, 'url' | 'env'>;
    let authority: AuthorityProcess;
    let load: FaultLoad;

    beforeAll(async () => {
      nodes.forEach(start);
      await until(
        'a leader and two followers',
        async () => (await states()).join() === 'Follower,Follower,Leader',
        90_000,
      );
    }, 100_000);
    afterAll(async () => {
      for (const member of members.values()) {
        member.kill('SIGKILL');
        await endOf(member);
      }
    });

    beforeEach(async () => {
      ({ folder, remove } = await scratchFolder());
      const prefix = `t${randomBytes(6).toString('hex')}.`;
      const env = { EVENT_STORE: url ?? '', EVENT_STORE_PREFIX: prefix, SECRETS_SYSTEM: 'a-system-secret-for-tests' };
      store = { url: url ?? '', env };
      authority = await startAuthority(join(folder, 'data'), env);
      const client = new AuthorityClient(authority);
      load = new FaultLoad([client], await client.createClient({ client_id: 'machine' }));
      load.start();
      await atLeast(underLoad);
    }, 60_000);
    afterEach(async () => {
      const stopped = load.stop(); // what it waits for may never come while the authority lives
      await authority.kill();
      await stopped;
      await remove();
    });

    function start(node: number): void {
      members.set(node, spawnOwned(command ?? '', [String(node)], { env: process.env }));
    }

    const atLeast = (count: number): Promise<void> =>
      until(
        `${count} acknowledged writes`,
        async () => load.acknowledged >= count || load.surprises.length > 0,
        90_000,
      );

    async function gossip(): Promise<Member[]> {
      await wait(200); // it is asked in loops, and three servers share the machine
      for (const port of ports) {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/gossip`, { signal: AbortSignal.timeout(1000) });
          return ((await answer.json()) as { members: Member[] }).members.filter(({ isAlive }) => isAlive);
        } catch {
          continue; // that node is down or frozen
        }
      }
      return [];
    }

    const states = async (): Promise<string[]> => (await gossip()).map(({ state }) => state).sort();

    async function leader(): Promise<number> {
      const found = (await gossip()).find(({ state }) => state === 'Leader');
      return nodes[ports.indexOf(found?.httpEndPointPort ?? 0)] ?? 0;
    }

    async function nothingIsAmiss(): Promise<void> {
      const isReady = async () => (await fetch(`${authority.adminUrl}/health/ready`)).status === 200;
      await until('readiness', isReady, 90_000);
      await atLeast(load.acknowledged + underLoad);
      await load.stop();
      expect(load.surprises).toEqual([]);
      expect(authority.child.exitCode).toBe(null);
      expect(await load.differences(new AuthorityClient(authority))).toEqual([]);
      expect(await auditStore(store as FaultyStore, load)).toEqual([]);
      expect(await authority.stop()).toBe(0);
      const { live, rebuilt } = await liveAndRebuilt(authority.dataDir, join(folder, 'comparison'), store.env);
      expect(live).toEqual(rebuilt);
    }

    it('gets over the death of the leader', async () => {
      const killed = await leader();
      members.get(killed)?.kill('SIGKILL');
      await until('another leader', async () => ![0, killed].includes(await leader()), 90_000);
      await nothingIsAmiss();
      start(killed);
      await until('three nodes again', async () => (await states()).join() === 'Follower,Follower,Leader', 90_000);
    }, 300_000);

    it('gets over a leader that freezes', async () => {
      const frozen = members.get(await leader());
      frozen?.kill('SIGSTOP');
      await wait(15_000);
      frozen?.kill('SIGCONT');
      await nothingIsAmiss();
    }, 300_000);
  },
);
