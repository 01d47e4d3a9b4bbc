import { type Position } from '#libs/event-store';
import { publishedStatus } from '#libs/fan-out';
import { type KafkaConfiguration } from '../config/configuration.js';
import { connectionTo } from '../relay/kafka-options.js';
import { type RelayService } from '../relay/relay-service.js';

/**
 * Up to where the relay has published the log; all of it where nothing is published. `undefined` while that is not known. With EventStoreDB
 * the relay is another process, and Kafka is asked.
 */
export async function readUpTo(
  kafka: KafkaConfiguration | undefined,
  relay: RelayService | undefined,
): Promise<Position | undefined> {
  if (kafka === undefined) return Number.MAX_SAFE_INTEGER as Position;
  if (relay !== undefined) return relay.status()?.position;
  return (await publishedStatus(connectionTo(kafka), kafka.topicPrefix, [])).position?.position;
}
