import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store';
import {
  alwaysMine,
  ensureTopics,
  KafkaConnection,
  type KafkaConnectionOptions,
  KafkaPublisher,
  KafkaTurns,
  positionTopicOf,
  Relay,
} from '#libs/fan-out';
import { KafkaCluster, runJava, scratchFolder, until } from '#libs/harness';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { describeOwnBrokers } from './some-cluster.js';
import { readByJava } from './java-reader.js';

const tlsFolder = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/tls');
const prefix = 'secured.';
const topics = ['client.v1'];
const password = 'of-the-relay';
const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes;
const { CREATE, DESCRIBE, DESCRIBE_CONFIGS, READ, WRITE } = AclOperationTypes;
const { LITERAL, PREFIXED } = ResourcePatternTypes;

/** What docs/operations.md says that the relay's user needs. */
const needed = [
  ...[CREATE, DESCRIBE, DESCRIBE_CONFIGS, WRITE].map((operation) => acl(TOPIC, PREFIXED, prefix, operation)),
  acl(TOPIC, LITERAL, positionTopicOf(prefix), READ),
  acl(TRANSACTIONAL_ID, PREFIXED, `${prefix}relay.`, DESCRIBE),
  acl(TRANSACTIONAL_ID, PREFIXED, `${prefix}relay.`, WRITE),
  acl(GROUP, LITERAL, `${prefix}relay`, READ),
];

describeOwnBrokers('a broker with TLS, users and access control lists', () => {
  let cluster: KafkaCluster;
  let admin: Admin;
  let ca: string;
  let removeFolder: () => Promise<void>;

  beforeAll(async () => {
    const { folder, remove } = await scratchFolder();
    removeFolder = remove;
    ca = await readFile(join(tlsFolder, 'localhost.cert.pem'), 'utf8');
    const keyStore = join(folder, 'broker.pem');
    await writeFile(keyStore, (await readFile(join(tlsFolder, 'localhost.key.pem'), 'utf8')) + ca);
    const [plain, scram] = ['plain.PlainLoginModule', 'scram.ScramLoginModule'].map(
      (module) => `org.apache.kafka.common.security.${module} required`,
    );
    cluster = await KafkaCluster.start({
      outside: 'SASL_SSL',
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS', // brokers, the controller and this test, who come by the other listeners
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        'listener.name.outside.plain.sasl.jaas.config': `${plain} user_relay="${password}";`,
        'listener.name.outside.scram-sha-512.sasl.jaas.config': `${scram};`,
        'listener.name.outside.ssl.keystore.type': 'PEM',
        'listener.name.outside.ssl.keystore.location': keyStore,
      },
    });
    await runJava('kafka.admin.ConfigCommand', [
      ...['--bootstrap-server', cluster.addresses.join(','), '--alter', '--entity-type', 'users'],
      ...['--entity-name', 'relay', '--add-config', `SCRAM-SHA-512=[password=${password}]`],
    ]);
    admin = new Kafka({ brokers: cluster.addresses, clientId: 'test', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  }, 240_000);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
    await removeFolder?.();
  });

  it('lets nobody in with another password, or without trust in its certificate', async () => {
    const wrong = connection({ sasl: { mechanism: 'plain', username: 'relay', password: 'wrong' } });
    await expect(ensure(wrong)).rejects.toThrow('Authentication failed');
    await expect(ensure(connection({ tls: {} }))).rejects.toThrow('self-signed certificate');
  });

  it.each([
    { lacking: 'Create', all: (one: Acl) => one.operation !== CREATE, says: 'Topic authorization failed' },
    {
      lacking: 'Write to the transactional id',
      all: (one: Acl) => one.resourceType !== TRANSACTIONAL_ID || one.operation !== WRITE,
      says: 'transactional id authorization failed',
    },
    {
      lacking: 'Read of positions',
      all: (one: Acl) => one.resourceType !== TOPIC || one.operation !== READ,
      says: 'Not authorized to access topics',
    },
  ])('says what is missing without $lacking', async ({ all, says }) => {
    await allowOnly(needed.filter(all));
    const attempt = async (): Promise<void> => {
      await ensure(connection());
      const publisher = aPublisher(connection());
      await publisher.open().finally(() => publisher.close());
    };
    let said = '';
    await until(
      `"${says}" is said`,
      async () => {
        said = await attempt().then(() => 'nothing', String);
        return said.toLowerCase().includes(says.toLowerCase());
      },
      30_000,
    ).catch((error: unknown) => {
      throw new Error(`it said: ${said}`, { cause: error });
    });
  });

  it.each(['plain', 'scram-sha-512'] as const)(
    'publishes with exactly the rights that are documented (%s)',
    async (mechanism) => {
      await allowOnly(needed);
      const mine = connection({ sasl: { mechanism, username: 'relay', password } });
      const store = new MemoryEventStore();
      await store.append('client-a', [{ id: mechanism, type: 'Happened', data: '{}', metadata: '{}' }], {
        expectedRevision: -1,
      });
      const turns = mechanism === 'plain' ? new KafkaTurns(mine, prefix) : alwaysMine;
      await until(
        'the topics are there',
        () =>
          ensure(mine).then(
            () => true,
            () => false,
          ),
        30_000,
      );
      const relay = new Relay({
        ...{ store, logId: mechanism, publisher: aPublisher(mine, mechanism), turns, startAt: 'beginning' },
        mapping:
          () =>
          async ({ id, stream }) => ({
            topic: 'client.v1',
            key: stream,
            value: id,
            headers: {},
            timestamp: 1_700_000_000_000,
          }),
        ...{ clock: () => new Date(), notice: () => undefined },
      });
      const running = relay.run();
      await until('it is published', async () => relay.status().position !== undefined, 60_000).catch(
        (error: unknown) => {
          throw new Error(relay.status().error?.message, { cause: error });
        },
      );
      await relay.close();
      await running;
      const read = await readByJava(cluster.addresses, `${prefix}client.v1`);
      expect(read.map(({ value }) => value)).toContain(mechanism);
      await admin.deleteTopics({ topics: [positionTopicOf(prefix), `${prefix}client.v1`] });
    },
  );

  function connection(other: Partial<KafkaConnectionOptions> = {}): KafkaConnection {
    return new KafkaConnection({
      ...{ brokers: [cluster.broker(1).outside!], clientId: 'relay', tls: { ca } },
      ...{ sasl: { mechanism: 'scram-sha-512', username: 'relay', password }, ...other },
    });
  }

  function ensure(by: KafkaConnection): Promise<string[]> {
    return ensureTopics(by, {
      ...{ prefix, topics, partitions: 3, replication: 1, minInsyncReplicas: 1, retentionMs: -1 },
    });
  }

  function aPublisher(by: KafkaConnection, logId = 'log'): KafkaPublisher {
    return new KafkaPublisher({ connection: by, prefix, topics, logId, instance: 'test' });
  }

  async function allowOnly(acls: readonly Acl[]): Promise<void> {
    await admin.deleteAcls({
      filters: [
        {
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      ],
    });
    await admin.createAcls({ acl: [...acls] });
  }
});

type Acl = ReturnType<typeof acl>;

function acl(
  resourceType: AclResourceTypes,
  resourcePatternType: ResourcePatternTypes,
  resourceName: string,
  operation: AclOperationTypes,
) {
  const permissionType = AclPermissionTypes.ALLOW;
  return {
    resourceType,
    resourcePatternType,
    resourceName,
    operation,
    permissionType,
    principal: 'User:relay',
    host: '*',
  };
}
