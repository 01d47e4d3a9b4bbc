import { type Admin, type ConfigEntries, type ITopicConfig } from 'kafkajs';
import { maxRecordBytes } from '../relay/limits.js';
import { RelayRefusedError } from '../relay/port.js';
import { type KafkaConnection } from './connection.js';
import { positionTopicOf } from './kafka-publisher.js';
import { ConfigResourceTypes } from './library.js';

/** Room for what Kafka adds to a record. */
const neededMessageBytes = maxRecordBytes + 65_536;
const messageBytes = 4 * 1_048_576;
const positionSegmentBytes = 1_048_576;

/** How topics are made that are not there yet. `retentionMs` is -1 for ever. `topics` without the prefix. */
export type TopicOptions = {
  readonly prefix: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly replication: number;
  readonly minInsyncReplicas: number;
  readonly retentionMs: number;
};

type Config = Readonly<Record<string, string>>;

/**
 * Creates the topics that are missing and looks whether those that are there can be trusted.
 *
 * @returns warnings: what is not as it was asked for, and loses nothing by itself
 * @throws RelayRefusedError naming topic and setting
 */
export async function ensureTopics(connection: KafkaConnection, options: TopicOptions): Promise<string[]> {
  return connection.asAdmin(async (admin) => {
    await createMissing(admin, options);
    return check(admin, options);
  });
}

/** Creates a topic of events, for instance the one that a replay goes to, unless it is there. */
export async function createTopic(connection: KafkaConnection, name: string, options: HowMade): Promise<void> {
  await connection.asAdmin(async (admin) => {
    if ((await admin.listTopics()).includes(name)) return;
    await admin.createTopics({ topics: [topicOfEvents(name, options)], waitForLeaders: true });
  });
}

async function createMissing(admin: Admin, options: TopicOptions): Promise<void> {
  const { prefix, topics, replication } = options;
  const there = new Set(await admin.listTopics());
  const wanted = [
    topic([positionTopicOf(prefix), 1], replication, {
      ...safety(options),
      'cleanup.policy': 'compact',
      'segment.bytes': positionSegmentBytes,
    }),
    ...topics.map((name) => topicOfEvents(prefix + name, options)),
  ];
  const missing = wanted.filter((one) => !there.has(one.topic));
  if (missing.length === 0) return;
  try {
    await admin.createTopics({ topics: missing, waitForLeaders: true });
  } catch (error) {
    throw withReasons(error);
  }
}

/** The library keeps in a list of its own what went wrong with which topic. */
function withReasons(error: unknown): unknown {
  const { errors } = error as { readonly errors?: readonly { readonly topic: string; readonly message: string }[] };
  if (errors === undefined) return error;
  const reasons = errors.map(({ topic: name, message }) => `${name}: ${message}`);
  return new Error(`topics cannot be made: ${reasons.join('; ')}`, { cause: error });
}

type HowMade = Omit<TopicOptions, 'prefix' | 'topics'>;

function topicOfEvents(name: string, options: HowMade): ITopicConfig {
  return topic([name, options.partitions], options.replication, {
    ...safety(options),
    'cleanup.policy': 'delete',
    'retention.ms': options.retentionMs,
    'max.message.bytes': messageBytes,
  });
}

function safety({ minInsyncReplicas }: HowMade): Record<string, string | number> {
  return { 'min.insync.replicas': minInsyncReplicas, 'unclean.leader.election.enable': 'false' };
}

function topic(
  [name, numPartitions]: [name: string, partitions: number],
  replicationFactor: number,
  config: Record<string, string | number>,
): ITopicConfig {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value: String(value) }));
  return { topic: name, numPartitions, replicationFactor, configEntries };
}

async function check(admin: Admin, options: TopicOptions): Promise<string[]> {
  const { prefix, topics, retentionMs } = options;
  const names = topics.map((name) => prefix + name);
  const positions = positionTopicOf(prefix);
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [positions, ...names] });
  const { resources } = await admin.describeConfigs({
    resources: [positions, ...names].map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    includeSynonyms: false,
  });
  const warnings: string[] = [];
  for (const { resourceName: name, configEntries } of resources) {
    const config = configOf(configEntries);
    const partitions = described.find((one) => one.name === name)?.partitions ?? [];
    const replicas = Math.min(...partitions.map((one) => one.replicas.length));
    if (Number(config['min.insync.replicas']) > replicas) {
      refuse(
        name,
        settingOf('min.insync.replicas', config),
        `above its ${replicas} replicas: nothing could be written`,
      );
    }
    if (config['unclean.leader.election.enable'] !== 'false') {
      warnings.push(`topic ${name}: unclean.leader.election.enable can lose what was acknowledged`);
    }
    if (name === positions) checkPositions(name, partitions.length, config);
    else warnings.push(...checkEvents(name, config, retentionMs));
  }
  return warnings;
}

function checkPositions(name: string, partitions: number, config: Config): void {
  if (partitions !== 1) throw new RelayRefusedError(`topic ${name} has ${partitions} partitions and must have one`);
  if (config['cleanup.policy'] !== 'compact')
    refuse(name, settingOf('cleanup.policy', config), 'the last position could be lost');
}

function checkEvents(name: string, config: Config, retentionMs: number): string[] {
  if (config['cleanup.policy'] !== 'delete')
    refuse(name, settingOf('cleanup.policy', config), 'compaction loses history');
  if (Number(config['max.message.bytes']) < neededMessageBytes) {
    refuse(name, settingOf('max.message.bytes', config), `the largest event needs ${neededMessageBytes}`);
  }
  const retention = Number(config['retention.ms']);
  if (retention === -1) return [];
  const asked = retention === retentionMs ? 'as asked for' : `not ${retentionMs} as asked for`;
  return [`topic ${name}: retention.ms is ${retention}, ${asked}: older events go`];
}

function refuse(name: string, setting: string, why: string): never {
  throw new RelayRefusedError(`topic ${name}: ${setting}; ${why}`);
}

function settingOf(setting: string, config: Config): string {
  return `${setting} is ${config[setting]}`;
}

function configOf(entries: readonly ConfigEntries[]): Config {
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}
