import { type Admin, type MemberDescription } from 'kafkajs';
import { type KafkaConnection, kafkaErrorType } from './connection.js';
import { positionTopicOf } from './kafka-publisher.js';
import { decodePosition, fenceKey, positionKey } from './last-position.js';
import { AssignerProtocol } from './library.js';
import { sequenceOf } from '../replay/sequence.js';
import { type PublishedRecord, type RelayPosition } from '../relay/port.js';
import { TopicReader } from './topic-reader.js';

/** A partition: its first offset, the one behind its last committed record, and which position that record has. */
export type PartitionStatus = { readonly first: number; readonly end: number; readonly sequence: number | undefined };

/** What Kafka says of a relay; nobody is disturbed by the question. */
export type PublishedStatus = {
  /** The last committed one; undefined when nothing was ever published. */
  readonly position: RelayPosition | undefined;
  readonly publishedAt: Date | undefined;
  /** The relay that shut the others out last. */
  readonly opened: { readonly instance: string; readonly at: Date } | undefined;
  /** Whose turn it is, and how many wait, as the group says; nobody's where relays take no turns. */
  readonly active: { readonly clientId: string; readonly host: string } | undefined;
  readonly standingBy: number;
  /** By whole name. `undefined` when the topic is not there. */
  readonly topics: Readonly<Record<string, readonly PartitionStatus[] | undefined>>;
};

/** @param topics without the prefix */
export async function publishedStatus(
  connection: KafkaConnection,
  prefix: string,
  topics: readonly string[],
): Promise<PublishedStatus> {
  const positions = positionTopicOf(prefix);
  const names = topics.map((topic) => prefix + topic);
  const { there, active, standingBy } = await groupAndTopics(connection, `${prefix}relay`, positions);
  const found = [positions, ...names].filter((name) => there.has(name));
  const reader = await TopicReader.open(connection, found);
  try {
    const position = there.has(positions) ? await lastOf(reader, positions, positionKey) : undefined;
    const fence = there.has(positions) ? await lastOf(reader, positions, fenceKey) : undefined;
    const described: Record<string, PartitionStatus[] | undefined> = {};
    for (const name of names) described[name] = there.has(name) ? await partitionsOf(reader, name) : undefined;
    return {
      position: position === undefined ? undefined : decodePosition(position.value).position,
      publishedAt: position === undefined ? undefined : new Date(position.timestamp),
      opened: fence === undefined ? undefined : openedBy(fence),
      ...{ active, standingBy, topics: described },
    };
  } finally {
    await reader.close();
  }
}

function openedBy({ value, timestamp }: PublishedRecord): PublishedStatus['opened'] {
  const { instance } = JSON.parse(value) as { instance: string };
  return { instance, at: new Date(timestamp) };
}

async function lastOf(reader: TopicReader, topic: string, key: string): Promise<PublishedRecord | undefined> {
  const [range] = await reader.ranges(topic);
  return range === undefined ? undefined : reader.last({ topic, partition: 0 }, range, (record) => record.key === key);
}

async function partitionsOf(reader: TopicReader, topic: string): Promise<PartitionStatus[]> {
  const ranges = await reader.ranges(topic);
  const found: PartitionStatus[] = [];
  for (const [partition, range] of ranges.entries()) {
    const last = await reader.last({ topic, partition }, range);
    found.push({ ...range, sequence: last === undefined ? undefined : sequenceOf(last) });
  }
  return found;
}

async function groupAndTopics(
  connection: KafkaConnection,
  groupId: string,
  positions: string,
): Promise<Pick<PublishedStatus, 'active' | 'standingBy'> & { there: ReadonlySet<string> }> {
  return connection.asAdmin(async (admin) => {
    const there = new Set(await admin.listTopics());
    const members = await membersOf(admin, groupId);
    const active = members.find(
      ({ memberAssignment }) =>
        memberAssignment.length > 0 &&
        positions in (AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}),
    );
    return {
      there,
      active:
        active === undefined ? undefined : { clientId: active.clientId, host: active.clientHost.replace(/^\//, '') },
      standingBy: members.length - (active === undefined ? 0 : 1),
    };
  }, statusRetries);
}

/** None where relays take no turns: the embedded log has but one. */
async function membersOf(admin: Admin, groupId: string): Promise<readonly MemberDescription[]> {
  try {
    const { groups } = await admin.describeGroups([groupId]);
    return groups[0]?.members ?? [];
  } catch (error) {
    if (noGroup.has(kafkaErrorType(error) ?? '')) return [];
    throw error;
  }
}

const statusRetries = 3;
const noGroup: ReadonlySet<string> = new Set(['GROUP_ID_NOT_FOUND', 'GROUP_COORDINATOR_NOT_AVAILABLE']);
