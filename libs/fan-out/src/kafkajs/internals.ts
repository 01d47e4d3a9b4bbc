import { createRequire } from 'node:module';
import { type Kafka } from 'kafkajs';

/**
 * What is used of kafkajs beyond its public face, all of it in this file. The library offers reading only as a member of a consumer group;
 * its own classes can read a partition from any offset, which is what finding the last position takes.
 */
const require = createRequire(import.meta.url);

/** A message as it was fetched; `offset` in decimal digits. */
export type FetchedMessage = {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In milliseconds, in decimal digits. */
  readonly timestamp: string;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
};

/** Where a partition begins, or where it ends for readers of committed records. */
type PartitionOffsets = { readonly topic: string; readonly partitions: { partition: number; offset: string }[] }[];

type FetchedPartition = { readonly lastStableOffset: string };
type FetchRequest = {
  isolationLevel: typeof readCommitted;
  maxWaitTime: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
};
type FetchResponse = { readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] };

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly unknown[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<PartitionOffsets>;
  findBroker(which: { nodeId: string }): Promise<{ fetch(request: FetchRequest): Promise<FetchResponse> }>;
}

const readCommitted = 1;

/** The connections of a client, with its options. */
export function clusterOf(kafka: Kafka): Cluster {
  const name = Object.getOwnPropertySymbols(kafka).find((own) => own.description === 'private:Kafka:createCluster');
  if (name === undefined) throw new TypeError('this version of kafkajs has another inside');
  const create = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[name]!;
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}

type BatchClass = new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => {
  readonly messages: readonly FetchedMessage[];
  isEmptyIncludingFiltered(): boolean;
  lastOffset(): string;
};
const Batch = require('kafkajs/src/consumer/batch') as BatchClass;

/** Committed messages of a partition from an offset on; `next` is the offset to go on from, `from` when there is nothing yet. */
export async function fetchCommitted(
  cluster: Cluster,
  from: { topic: string; partition: number; offset: number },
  maxWaitTime: number,
): Promise<{ messages: readonly FetchedMessage[]; next: number }> {
  const { topic, partition, offset } = from;
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} of topic ${topic} is not there`);
  const broker = await cluster.findBroker({ nodeId });
  const { responses } = await broker.fetch({
    isolationLevel: readCommitted,
    maxWaitTime,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1_048_576 }] }],
  });
  const fetched = responses[0]?.partitions[0];
  if (fetched === undefined) throw new Error(`no answer about partition ${partition} of topic ${topic}`);
  const batch = new Batch(topic, String(offset), fetched);
  return { messages: batch.messages, next: batch.isEmptyIncludingFiltered() ? offset : Number(batch.lastOffset()) + 1 };
}

type RequestQueue = {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
};
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const schedule = queue.scheduleCheckPendingRequests;

/**
 * The library sets a timer after each answer even where nothing waits to be sent, with a negative delay, of which Node warns.
 *
 * @see https://github.com/tulios/kafkajs/issues/1751
 */
queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this);
};

type BrokerOfPool = { isConnected(): boolean };
type Ask<Broker> = (asked: { nodeId: string; broker: Broker }) => Promise<unknown>;
type BrokerPool = {
  readonly brokers: Readonly<Record<string, BrokerOfPool>>;
  findBroker(which: { nodeId: string }): Promise<BrokerOfPool>;
  withBroker: (this: BrokerPool, ask: Ask<BrokerOfPool>) => Promise<unknown>;
};
const { prototype: pool } = require('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool };

/**
 * The library asks any of the brokers it knows, as often as it needs the coordinator, and gives up when that one cannot be reached; of a
 * refusal it loses the reason. Here those that are connected come first, the others after them, and the last error is what comes of it.
 */
pool.withBroker = async function (ask) {
  const [connected = [], others = []] = [true, false].map((wanted) =>
    Object.keys(this.brokers).filter((nodeId) => this.brokers[nodeId]?.isConnected() === wanted),
  );
  let failure: unknown = new Error('no broker is known');
  for (const nodeId of [...connected, ...others]) {
    try {
      return await ask({ nodeId, broker: await this.findBroker({ nodeId }) });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};

type CoordinatorOf = { readonly groupId: string; readonly coordinatorType?: number };
type ClusterClass = {
  findGroupCoordinator: (this: Cluster & ClusterClass, which: CoordinatorOf) => Promise<unknown>;
  findGroupCoordinatorMetadata(which: { groupId: string; coordinatorType: number }): Promise<{
    readonly coordinator: { readonly nodeId: number };
  }>;
};
const { prototype: clusterClass } = require('kafkajs/src/cluster') as { prototype: ClusterClass };
const transactionCoordinator = 1;
const findCoordinator = clusterClass.findGroupCoordinator;
const coordinators = new WeakMap<object, string>();

/**
 * The library asks who coordinates a transaction before each request to the coordinator. Here it is asked once by each producer: when the
 * coordinator moves, an error says so, and the next producer asks anew.
 */
clusterClass.findGroupCoordinator = async function (which) {
  if (which.coordinatorType !== transactionCoordinator) return findCoordinator.call(this, which);
  let nodeId = coordinators.get(this);
  if (nodeId === undefined) {
    const { groupId, coordinatorType } = which;
    const { coordinator } = await this.findGroupCoordinatorMetadata({ groupId, coordinatorType });
    nodeId = String(coordinator.nodeId);
    coordinators.set(this, nodeId);
  }
  return this.findBroker({ nodeId });
};
