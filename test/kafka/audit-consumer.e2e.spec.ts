import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  AuthorityClient,
  type AuthorityProcess,
  KafkaCluster,
  TestBrowser,
  challengeIn,
  scratchFolder,
  startAuthority,
  until,
} from '#libs/harness';
import { type Admin, Kafka, type Message, logLevel } from 'kafkajs';
import { AuditConsumer } from './audit-consumer.js';
import { auditOf } from './audited-log.js';
import { readByJava } from './java-reader.js';
import { describeOwnBrokers } from './some-cluster.js';

const topic = 'audited.consent.v1';
const lanes = [
  ['anna', 'björn'],
  ['chidi', 'dora'],
];
/** Each is killed once; of two of one group the second waits until the broker misses the first. */
const groups = ['one', 'one', 'two', 'three'];
const groupId = 'auditors';
const rowsBetween = 10;
const waitMs = 60_000;

describeOwnBrokers('the example that keeps an audit table of consents', () => {
  let cluster: KafkaCluster;
  let authority: AuthorityProcess;
  let client: AuthorityClient;
  let registered: Awaited<ReturnType<AuthorityClient['createClient']>>[];
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let consumer: AuditConsumer;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await KafkaCluster.start();
    scratch = await scratchFolder();
    const brokers = { KAFKA_BROKERS: cluster.addresses.join(','), KAFKA_TOPIC_PREFIX: 'audited.' };
    authority = await startAuthority(scratch.folder, { ...brokers, KAFKA_PARTITIONS: '3', KAFKA_REPLICATION: '1' });
    client = new AuthorityClient(authority, { 'x-reason': 'because it is tested' });
    registered = [await client.createClient(), await client.createClient(), await client.createClient()];
    consumer = new AuditConsumer(join(scratch.folder, 'audit.db'), brokers);
    kafka = new Kafka({ brokers: cluster.addresses, clientId: 'test', logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  }, 240_000);
  afterAll(async () => {
    await consumer?.end('SIGKILL');
    consumer?.close();
    await admin?.disconnect();
    await authority?.kill();
    await cluster?.stop();
    await scratch?.remove();
  }, 60_000);

  it('misses nothing and has nothing twice, killed under load and with a group that is ahead or behind', async () => {
    let over = false;
    const load = lanes.map(async (people) => {
      while (!over) await something(pick(people));
    });
    try {
      await trouble();
    } finally {
      over = true;
      await Promise.all(load);
    }
    const expected = await auditOf(scratch.folder);
    await hasRows(expected.rows.length);
    expect(consumer.rows()).toEqual(expected.rows);
    expect(new Set(expected.rows.map(({ type }) => type)).size).toBe(3);
  }, 180_000);

  it('answers who consented to what, when, and withdrawn when', async () => {
    await accept('anna', 0, ['openid']);
    await hasAll();
    const { consents, rows } = await auditOf(scratch.folder);
    expect(consumer.consents()).toEqual(consents.map((consent) => expect.objectContaining(consent)));
    expect(consents.filter(({ withdrawnAt }) => withdrawnAt !== null).length).toBeGreaterThan(rowsBetween);

    const { id } = registered[0]!;
    const asked = consents.filter(({ subject, clientId }) => subject === 'anna' && clientId === id);
    expect(consumer.consents('--subject', 'anna', '--client', id)).toHaveLength(asked.length);
    const { subjectHash } = rows.find(({ subject }) => subject === 'anna')!;
    expect(consumer.consents(`--subject=${subjectHash}`, '--client', id)).toHaveLength(asked.length);
    const [last] = asked;
    expect(consumer.query('--subject', 'anna').stdout).toContain(
      `${last!.grantedAt}  anna  ${id}  openid  not withdrawn\n`,
    );
    expect(consumer.query().stderr).toBe('');
  });

  it('says what was in force at some time', async () => {
    const { consents } = await auditOf(scratch.folder);
    const { withdrawnAt, withdrawnWhy, subject } = consents.find((consent) => consent.withdrawnAt !== null)!;
    const before = new Date(Date.parse(withdrawnAt!) - 1).toISOString();
    const held = consumer.consents('--at', before, '--subject', subject!);
    expect(held).toContainEqual(expect.objectContaining({ withdrawnAt, withdrawnWhy }));
    expect(withdrawnWhy).toBe('because it is tested');
    const after = consumer.consents('--at', withdrawnAt!, '--subject', subject!);
    expect(after).not.toContainEqual(expect.objectContaining({ withdrawnAt }));
  });

  it('goes on behind what it cannot read, tells of it, and forgets the name of who was erased', async () => {
    const { rows } = await auditOf(scratch.folder);
    const { subjectHash } = rows.find(({ subject }) => subject === 'björn')!;
    const erased = { subjectHash, actor: 'admin', requestId: 'test' };
    await publish(
      topic,
      { key: 'x', value: 'no JSON' },
      { key: 'x', value: JSON.stringify({ subjectHash: 'x' }) },
      { key: 'x', value: null },
      event('1', 'hydrant.consent.revoked.v1', { actor: 'admin' }),
      event('2', 'hydrant.event.parked.v1', { replaces: 'hydrant.consent.revoked.v1', position: 2, actor: 'admin' }),
      event('3', 'hydrant.subject.erased.v1', erased),
    );
    await accept('chidi', 1, ['openid']);
    await hasRows(rows.length + 3);
    expect(consumer.running).toBe(true);
    expect(consumer.query().stderr).toMatch(
      /^(may be incomplete: partition \d, offset \d+: cannot be read: .*\n){4}may be incomplete: event 99999999992: hydrant.event.parked.v1 is not understood\n$/,
    );
    expect(JSON.stringify(consumer.everything())).not.toContain('björn');
    expect(consumer.consents(`--subject=${subjectHash}`).length).toBeGreaterThan(0);
  }, 60_000);

  it('ends in order, and changes nothing when everything comes again', async () => {
    expect(await consumer.end('SIGTERM')).toBe(0);
    const before = consumer.everything();
    const records = await readByJava(cluster.addresses, topic);
    const messages = records.map(({ partition, offset, headers, value }) => {
      return { partition, offset: String(offset), headers, value: Buffer.from(value) };
    });
    const byPartition = [...Map.groupBy(messages, ({ partition }) => partition)];
    for (const [partition, some] of byPartition) await consumer.add(topic, partition, some);
    expect(consumer.everything()).toEqual(before);

    const rows = consumer.rows();
    for (const [partition, some] of byPartition) {
      const published = some.filter(({ headers }) => 'ce_dataschema' in headers);
      const again = published.map((message) => ({ ...message, offset: `1${message.offset.padStart(9, '0')}` }));
      await consumer.add(topic, partition, again); // as behind `hydrant relay rewind`
    }
    expect(consumer.rows()).toEqual(rows);
  }, 60_000);

  it('reads a topic anew that was made anew, and tells of what was deleted before it was read', async () => {
    const made = { topic: 'other.consent.v1', numPartitions: 1 };
    const env = { KAFKA_BROKERS: cluster.addresses.join(','), KAFKA_TOPIC_PREFIX: 'other.' };
    consumer.close();
    consumer = new AuditConsumer(join(scratch.folder, 'other.db'), env);
    const readUpTo = async (count: number): Promise<void> => {
      consumer.start('others');
      await hasRows(count);
      expect(await consumer.end('SIGTERM')).toBe(0);
    };
    const body = { subjectHash: 'hash', actor: 'admin', requestId: 'test' };
    const [first, second, third, fourth] = ['1', '2', '3', '4'].map((digit) => {
      return event(digit, 'hydrant.consent.rejected.v1', body);
    }) as [Message, Message, Message, Message];
    await admin.createTopics({ topics: [made] });
    await publish(made.topic, first, first, second);
    await readUpTo(2);
    await admin.deleteTopics({ topics: [made.topic] });
    await until('the topic can be made anew', () => admin.createTopics({ topics: [made] }).catch(() => false), waitMs);
    await publish(made.topic, first, third);
    await readUpTo(3);
    expect(consumer.query().stderr).toBe('');

    await publish(made.topic, fourth, fourth, fourth);
    await admin.fetchTopicOffsets(made.topic); // it knows who leads the partition then
    await admin.deleteTopicRecords({ topic: made.topic, partitions: [{ partition: 0, offset: '4' }] });
    await readUpTo(4);
    const told = 'may be incomplete: partition 0, offset 2: deleted before they were read: all up to 4\n';
    expect(consumer.query().stderr).toBe(told);
  }, 120_000);

  async function trouble(): Promise<void> {
    for (const group of groups) {
      consumer.start(group);
      await hasRows(consumer.count() + rowsBetween);
      await consumer.end('SIGKILL');
    }
    consumer.start(groupId);
    await hasRows(consumer.count() + rowsBetween);
    for (const where of ['high', 'low'] as const) {
      expect(await consumer.end('SIGTERM')).toBe(0);
      const partitions = (await publishedMeanwhile()).map((ends) => ({ ...ends, offset: ends[where] }));
      await admin.setOffsets({ groupId, topic, partitions });
      consumer.start(groupId);
      await hasRows(consumer.count() + rowsBetween);
    }
  }

  /** Where the topic begins and ends, once there is more that nobody has read. */
  async function publishedMeanwhile(): Promise<Awaited<ReturnType<Admin['fetchTopicOffsets']>>> {
    const total = (ends: { high: string }[]): number => ends.reduce((sum, { high }) => sum + Number(high), 0);
    const before = total(await admin.fetchTopicOffsets(topic));
    let ends = await admin.fetchTopicOffsets(topic);
    await until('more is published', async () => {
      ends = await admin.fetchTopicOffsets(topic);
      return total(ends) > before + rowsBetween;
    });
    return ends;
  }

  /** One thing of all that happens to consents. */
  async function something(person: string): Promise<void> {
    const index = Math.floor(Math.random() * registered.length);
    const { id } = registered[index]!;
    const away = `/oauth2/auth/sessions/consent?subject=${encodeURIComponent(person)}`;
    const acts = [
      () => accept(person, index, ['openid', 'offline']),
      () => accept(person, index, ['openid'], ['openid', 'photos']),
      () => accept(person, index, []),
      () => reject(person, index),
      () => client.admin('DELETE', `${away}&client=${id}`),
      () => client.admin('DELETE', pick([away, `${away}&all=true`])),
      () => client.admin('DELETE', `/oauth2/auth/sessions/login?subject=${encodeURIComponent(person)}`),
    ];
    await pick(acts)();
  }

  /** Decided as often as scopes are given: the last one counts. */
  async function accept(person: string, index: number, ...scopes: string[][]): Promise<void> {
    const [browser, challenge] = await askedForConsent(person, index);
    let next = '';
    for (const scope of scopes)
      next = await client.acceptConsent(challenge, { grant_scope: scope, remember: scope.length > 1 });
    await browser.followed(next);
  }

  async function reject(person: string, index: number): Promise<void> {
    const [, challenge] = await askedForConsent(person, index);
    const path = `/oauth2/auth/requests/consent/${challenge}/reject`;
    expect((await client.admin('PUT', path, { error: 'access_denied' })).status).toBe(200);
  }

  async function askedForConsent(person: string, index: number): Promise<[browser: TestBrowser, challenge: string]> {
    const browser = new TestBrowser();
    const { id, redirectUri } = registered[index]!;
    const parameters = { client_id: id, redirect_uri: redirectUri, scope: 'openid offline photos', prompt: 'consent' };
    const challenge = await client.requestLogin(browser, parameters);
    const next = await client.acceptLogin(challenge, { subject: person, remember: true });
    return [browser, challengeIn(await browser.followed(next), 'consent_challenge')];
  }

  async function publish(to: string, ...messages: Message[]): Promise<void> {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: to, messages });
    await producer.disconnect();
  }

  async function hasAll(): Promise<void> {
    await hasRows((await auditOf(scratch.folder)).rows.length);
  }

  async function hasRows(count: number): Promise<void> {
    await until(`the table has ${count} rows`, async () => consumer.count() >= count, waitMs).catch(
      (error: unknown) => {
        throw new Error(`${consumer.count()} rows: ${consumer.output.slice(-2_000)}`, { cause: error });
      },
    );
  }
});

/** A record as the relay writes them, at a position that no log here reaches. */
function event(lastDigit: string, type: string, body: object): Message {
  const headers = {
    ...{ ce_id: `event-${lastDigit}`, ce_type: type, ce_time: new Date().toISOString() },
    ce_sequence: `9999999999${lastDigit}`.padStart(20, '0'),
  };
  return { key: 'x', value: JSON.stringify(body), headers };
}

function pick<Each>(some: readonly Each[]): Each {
  return some[Math.floor(Math.random() * some.length)]!;
}
