import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KafkaConnection, type PublishedRecord, createTopic } from '#libs/fan-out';
import {
  type AuthorityProcess,
  type HydrantResult,
  runHydrant,
  scratchFolder,
  startAuthority,
  until,
} from '#libs/harness';
import { readTopic } from './published.js';
import { someCluster } from './some-cluster.js';

const prefix = `commands-${Date.now()}.`;
/** Topics of the caller's own. */
const [again, planted] = [`${prefix}again`, `${prefix}planted`];
const clients = 40;

describe('the commands of the relay, beside a running authority', () => {
  let cluster: Awaited<ReturnType<typeof someCluster>>;
  let authority: AuthorityProcess;
  let connection: KafkaConnection;
  let env: Record<string, string>;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = scratch.remove;
    cluster = await someCluster();
    connection = new KafkaConnection({ brokers: cluster.addresses, clientId: 'commands-test' });
    const kafka = { KAFKA_BROKERS: cluster.addresses.join(','), KAFKA_TOPIC_PREFIX: prefix };
    env = { ...kafka, KAFKA_PARTITIONS: '2', KAFKA_REPLICATION: '1', DATA_DIR: scratch.folder };
    const { DATA_DIR = '', ...others } = env;
    authority = await startAuthority(DATA_DIR, others);
    env = { ...env, URLS_SELF_ISSUER: authority.publicUrl };
    for (let index = 0; index < clients; index += 1) await createClient(`client-${index}`);
  }, 180_000);
  afterAll(async () => {
    await authority?.stop();
    await cluster?.stop();
    await remove?.();
  }, 60_000);

  it('status says how far it is, who publishes, and what every partition has', async () => {
    await caughtUp();
    const { stdout, code } = await relay('status', '--format', 'json');
    expect(code).toBe(0);
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({ sameLog: true, lagEvents: 0, lagSeconds: 0, position: status.head });
    expect(status.instance.name).toContain(`process ${authority.pid}`);
    expect(status.group).toEqual({ active: null, standingBy: 0 }); // the embedded log has one relay, which asks nobody
    expect(Object.keys(status.topics)).toHaveLength(5);
    expect(status.topics[`${prefix}client.v1`]).toHaveLength(2);
    expect((await relay('status')).stdout).toContain(`up to position ${status.position}`);
  }, 180_000);

  it('verify finds nothing wrong', async () => {
    const { stdout, code } = await relay('verify', '--format', 'json');
    const result = JSON.parse(stdout);
    expect([code, result.fits, result.findings]).toEqual([0, true, []]);
    expect(result.checked).toBeGreaterThan(clients);
  }, 90_000);

  it('replay needs a topic that is there, and not one of the relay’s', async () => {
    expect(await relay('replay', '--topic', again)).toMatchObject({
      code: 1,
      stderr: `hydrant: topic ${again} is not there\n`,
    });
    const own = await relay('replay', '--topic', `${prefix}client.v1`);
    expect([own.code, own.stderr]).toEqual([1, expect.stringContaining('is one that the relay publishes to')]);
  }, 90_000);

  it('replay gives the original again, and no record twice when it is run twice', async () => {
    const run = () => relay('replay', '--topic', again, '--create', '--types', 'client.created,client.deleted');
    expect((await run()).code).toBe(0);
    const originals = byKey(await contentOf(`${prefix}client.v1`));
    const copies = byKey(await contentOf(again));
    expect(copies.every(({ headers }) => typeof headers['hydrant-replay'] === 'string')).toBe(true);
    expect(copies.map(original)).toEqual(originals.map(original));
    await createClient('client-later');
    await caughtUp();
    expect((await run()).stdout).toContain(`1 records are in topic ${again} now`);
    expect(await contentOf(again)).toHaveLength(clients + 1);
    expect((await relay('verify', '--topic', again, '--types', 'client.created')).code).toBe(0);
    const other = await relay('replay', '--topic', again);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('that are not of this replay')]);
  }, 180_000);

  it('verify finds a planted gap, repeat and swap', async () => {
    const records = (await contentOf(again)).filter(({ partition }) => partition === 0);
    const spoilt = records
      .toSpliced(8, 1) // a gap
      .toSpliced(6, 0, records[5]!) // a repeat
      .with(1, records[2]!)
      .with(2, records[1]!); // a swap
    const made = { partitions: 2, replication: 1, minInsyncReplicas: 1, retentionMs: -1 };
    await createTopic(connection, planted, made);
    const producer = connection.client().producer();
    await producer.connect();
    const others = (await contentOf(again)).filter(({ partition }) => partition === 1);
    const messages = [...spoilt, ...others].map(({ timestamp, ...record }) => ({
      ...record,
      timestamp: String(timestamp),
    }));
    await producer.send({ topic: planted, messages });
    await producer.disconnect();
    const selected = ['--topic', planted, '--types', 'client.created', '--format', 'json'];
    const { stdout, code } = await relay('verify', ...selected);
    const { counts, findings } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(counts).toEqual({ missing: 1, repeated: 1, 'out of order': 1, different: 0, unexpected: 0 });
    const sequences = [records[1], records[5], records[8]].map((record) => Number(record!.headers['ce_sequence']));
    expect(findings.map(({ sequence }: { sequence: number }) => sequence)).toEqual(sequences);
  }, 180_000);

  it('rewind asks first', async () => {
    const { code, stderr } = await relay('rewind', '--to', '0');
    expect([code, stderr]).toEqual([1, 'hydrant: nobody is there to confirm it: give --yes\n']);
  }, 60_000);

  it('rewind finds the position in the topics, or takes one; the relay that runs goes on from there', async () => {
    const { position } = JSON.parse((await relay('status', '--format', 'json')).stdout);
    const found = await relay('rewind', '--from-topics', '--yes');
    expect([found.code, found.stdout]).toEqual([
      0,
      expect.stringContaining(`up to position ${lastIn(await contentOf(`${prefix}client.v1`))};`),
    ]);
    await caughtUp(position);
    expect((await relay('verify')).code).toBe(0);
    expect((await relay('rewind', '--to', '0', '--yes')).code).toBe(0);
    await createClient('client-after'); // with the next event the relay notices
    const again = async (): Promise<boolean> =>
      (await contentOf(`${prefix}client.v1`)).length === 2 * (clients + 1) + 1;
    await until('all is published again', again, 90_000);
    const { stdout, code } = await relay('verify', '--topic', `${prefix}client.v1`, '--format', 'json');
    expect([code, JSON.parse(stdout).counts]).toEqual([
      1,
      expect.objectContaining({ repeated: clients + 1, missing: 0 }),
    ]);
  }, 300_000);

  function relay(...args: string[]): Promise<HydrantResult> {
    return runHydrant(['relay', ...args], env);
  }

  async function createClient(id: string): Promise<void> {
    const answer = await fetch(`${authority.adminUrl}/clients`, {
      method: 'POST',
      body: JSON.stringify({ client_id: id }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(201);
  }

  /** Everything is published, at least up to a position. */
  async function caughtUp(least = 0): Promise<void> {
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${authority.adminUrl}/metrics/prometheus`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    };
    const holds = async (): Promise<boolean> =>
      (await metric('hydrant_relay_lag_events')) === 0 && (await metric('hydrant_relay_position')) >= least;
    await until('all is published', holds, 90_000);
  }

  function contentOf(topic: string): Promise<PublishedRecord[]> {
    return readTopic(cluster.addresses, topic);
  }
});

function byKey(records: readonly PublishedRecord[]): PublishedRecord[] {
  return records.toSorted((a, b) => a.key.localeCompare(b.key));
}

/** What a replay must not change. */
function original({ topic: _topic, offset: _offset, headers, ...record }: PublishedRecord): object {
  const { 'hydrant-replay': _replay, ...others } = headers;
  return { ...record, headers: others };
}

function lastIn(records: readonly PublishedRecord[]): number {
  return Math.max(...records.map(({ headers }) => Number(headers['ce_sequence'])));
}
