import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteLogReader } from '#libs/event-store';
import {
  AuthorityClient,
  type AuthorityProcess,
  type KafkaCluster,
  scratchFolder,
  startAuthority,
  until,
} from '#libs/harness';
import { found, type Secrets } from '../security/secret-search.js';
import { clientName, personal, secretiveJourney } from '../security/secretive-journey.js';
import { saidBy } from './installation.js';
import { publishedBytes } from './published-bytes.js';
import { someCluster } from './some-cluster.js';

const { subject, ...neverPublished } = personal;
const caughtUpMs = 60_000;

describe('what is published, with all token events', () => {
  let cluster: Pick<KafkaCluster, 'addresses' | 'stop'>;

  beforeAll(async () => {
    cluster = await someCluster();
  }, 240_000);
  afterAll(() => cluster?.stop());

  it.each(['clear', 'hash'] as const)(
    'has no secret of a whole journey in any encoding, with subjects in %s',
    async (subjects) => {
      const { secrets, stored, ids, published } = await journey(subjects);
      const families = ['client', 'consent', 'key', 'relay', 'session', 'token'];
      expect(Object.keys(published).sort()).toEqual(families.map((family) => `${subjects}.${family}.v1`));
      expect(Object.values(published).every(({ length }) => length > 0)).toBe(true);
      for (const family of ['client', 'consent', 'token'])
        expect(found(ids, published).join()).toContain(`(clear) in ${subjects}.${family}.v1`);
      expect(found({ clientName }, published)).toEqual([`clientName (clear) in ${subjects}.client.v1`]);
      expect(Object.keys(secrets).length).toBeGreaterThan(30);
      expect(Object.keys(stored).length).toBeGreaterThan(20);
      expect(found({ ...secrets, ...stored, ...neverPublished }, published)).toEqual([]);
      const named = subjects === 'clear' ? ['consent', 'session', 'token'] : [];
      expect(found({ subject: subject! }, published)).toEqual(
        named.map((family) => `subject (clear) in ${subjects}.${family}.v1`),
      );
    },
    120_000,
  );

  /** All that a journey has to hide, what of it is in the log, and what others get of it. */
  async function journey(
    subjects: 'clear' | 'hash',
  ): Promise<Record<'secrets' | 'stored' | 'ids', Secrets> & { published: Record<string, Buffer> }> {
    const { folder, remove } = await scratchFolder();
    const authority = await startAuthority(folder, {
      ...{ KAFKA_BROKERS: cluster.addresses.join(','), KAFKA_TOPIC_PREFIX: `${subjects}.`, KAFKA_REPLICATION: '1' },
      ...{ KAFKA_SUBJECTS: subjects, KAFKA_TOKEN_EVENTS: 'all' },
    });
    try {
      const client = new AuthorityClient(authority);
      const secrets = await secretiveJourney(client);
      const { json: clients } = await client.admin('GET', '/clients');
      const log = openSqliteLogReader(folder);
      await published(authority, (await log.head()) ?? 0);
      const stored = await hiddenIn(log);
      await log.close();
      return {
        secrets,
        stored,
        ids: idsOf(clients),
        published: await publishedBytes(cluster.addresses, `${subjects}.`),
      };
    } finally {
      await authority.stop();
      await remove();
    }
  }
});

function idsOf(clients: { client_id: string }[]): Secrets {
  return Object.fromEntries(clients.map(({ client_id: id }) => [`id ${id}`, id]));
}

async function published(authority: AuthorityProcess, head: number): Promise<void> {
  const position = async (): Promise<number> => {
    const metrics = await (await fetch(`${authority.adminUrl}/metrics/prometheus`)).text();
    return Number(/^hydrant_relay_position (\d+)$/m.exec(metrics)?.[1]);
  };
  await until(`${head} is published`, async () => (await position()) >= head, caughtUpMs).catch((error: unknown) => {
    throw new Error(saidBy(authority), { cause: error });
  });
}

/** Hashes of secrets and what is sealed, by where they are in the log. The subject's hash is no secret. */
async function hiddenIn(log: EventStore): Promise<Secrets> {
  const hidden: Record<string, string> = {};
  for (const { type, position, data } of await log.readAll(undefined, 10_000)) {
    JSON.parse(data, (name, value: unknown) => {
      const hides = /hash$|^sealed|^v$/i.test(name) && name !== 'subjectHash';
      if (hides && typeof value === 'string') hidden[`${name} of ${type} at ${position}`] = value;
      return value;
    });
  }
  return hidden;
}
