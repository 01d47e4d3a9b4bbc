import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openSqliteLogReader } from '#libs/event-store';
import { type AuthorityProcess, KafkaCluster, scratchFolder, startAuthority, until } from '#libs/harness';
import { describeOwnBrokers } from './some-cluster.js';
import { form } from './form.js';
import { expectPublished } from './published.js';
import { restartBroker } from './trouble.js';

const partitions = 3;
const clients = 12;
const betweenChangesMs = (clients * form.pauseMs) / form.atOnce;
/** Beyond what the coordinator grants a transaction: what is under way is given up, and the relay is shut out. */
const freezeMs = 20_000;
const caughtUpMs = 60_000;

describeOwnBrokers('an authority on the embedded log that publishes it', () => {
  let cluster: KafkaCluster;
  let authority: AuthorityProcess;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;

  beforeAll(async () => {
    cluster = await KafkaCluster.start();
    scratch = await scratchFolder();
    await start();
  }, 240_000);
  afterAll(async () => {
    await authority?.kill();
    await scratch?.remove();
    await cluster?.stop();
  });

  it(
    'loses, repeats and swaps nothing while it is killed and frozen and the broker is restarted',
    async () => {
      const load = new AbortController();
      const changes = Array.from({ length: clients }, (_, index) => changeClient(index, load.signal));
      await Promise.all([trouble(), ...changes]).finally(() => load.abort());
      const log = openSqliteLogReader(scratch.folder);
      const head = await log.head();
      await until(`${head} is published`, async () => (await position()) === head, caughtUpMs);
      expect(await authority.stop()).toBe(0);
      const topic = ['embedded.client.v1', partitions] as const;
      expect(await expectPublished(cluster.addresses, topic, log, clientOf)).toBeGreaterThanOrEqual(form.events);
      await log.close();
    },
    form.testTimeoutMs,
  );

  async function trouble(): Promise<void> {
    for (let times = 0; times < form.kills; times += 1) {
      await pause(500 + Math.random() * 2_000);
      await authority.kill();
      await start();
    }
    await restartBroker(cluster, form.brokerRestarts);
    for (let times = 0; times < form.freezes; times += 1) {
      await pause(1_000);
      process.kill(authority.pid, 'SIGSTOP');
      await pause(freezeMs);
      process.kill(authority.pid, 'SIGCONT');
    }
  }

  async function start(): Promise<void> {
    authority = await startAuthority(scratch.folder, {
      ...{ KAFKA_BROKERS: cluster.addresses.join(','), KAFKA_TOPIC_PREFIX: 'embedded.' },
      ...{ KAFKA_PARTITIONS: String(partitions), KAFKA_REPLICATION: '1' },
    });
  }

  /** Changes one client again and again, as often as its share of the load asks for; whoever is away then is asked again, until the signal. */
  async function changeClient(index: number, signal: AbortSignal): Promise<void> {
    const id = `client-${index}`;
    let path = '/clients';
    for (let times = 0; times < Math.ceil(form.events / clients) && !signal.aborted;) {
      const status = await ask(path, {
        client_id: id,
        client_name: `name ${times}`,
        token_endpoint_auth_method: 'none',
      });
      if (status === 201 || status === 409) path = `/clients/${id}`;
      if (status === 200) times += 1;
      await pause(betweenChangesMs);
    }
  }

  async function ask(path: string, body: object): Promise<number | undefined> {
    try {
      const answer = await fetch(authority.adminUrl + path, {
        method: path === '/clients' ? 'POST' : 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return undefined; // nobody was there, or it was killed
    }
  }

  async function position(): Promise<number | undefined> {
    const metrics = await (await fetch(`${authority.adminUrl}/metrics/prometheus`)).text();
    const found = /^hydrant_relay_position (\d+)$/m.exec(metrics)?.[1];
    return found === undefined ? undefined : Number(found);
  }
});

function clientOf(stream: string): string | undefined {
  return stream.startsWith('client-') ? stream.slice('client-'.length) : undefined;
}
