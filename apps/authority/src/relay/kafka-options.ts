import { type EventStore } from '#libs/event-store';
import { KafkaConnection, RelayRefusedError, type TopicOptions, topics } from '#libs/fan-out';
import { hostname } from 'node:os';
import { type Configuration, ConfigurationError, type KafkaConfiguration } from '../config/configuration.js';

/** @throws ConfigurationError when no broker is named */
export function kafkaOf({ kafka }: Configuration): KafkaConfiguration {
  if (kafka === undefined) throw new ConfigurationError('KAFKA_BROKERS must be set');
  return kafka;
}

/** Tells one relay from another, to people who have to find it. */
export function instanceName(command: string): string {
  return `${command}, process ${process.pid} on ${hostname()}`;
}

/** Connections as configured. */
export function connectionTo({ brokers, clientId, tls, sasl }: KafkaConfiguration): KafkaConnection {
  return new KafkaConnection({
    ...{ brokers, clientId },
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
  });
}

/** How topics are made that are not there yet: of three replicas and more, two must have what is acknowledged. */
export function topicOptions({ topicPrefix, partitions, replication, retentionMs }: KafkaConfiguration): TopicOptions {
  const minInsyncReplicas = replication >= 3 ? 2 : 1;
  return { prefix: topicPrefix, topics, partitions, replication, minInsyncReplicas, retentionMs };
}

/**
 * What tells logs apart: the id of the event that made the root key, which every log begins with.
 *
 * @throws RelayRefusedError when there is none: nobody has served from this log yet
 */
export async function logIdOf(store: EventStore): Promise<string> {
  const [first] = await store.readStream('root');
  if (first === undefined) throw new RelayRefusedError('the event log has no root key yet: start an authority on it');
  return first.id;
}
