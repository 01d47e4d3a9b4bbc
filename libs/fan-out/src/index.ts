export { type MappingOptions } from './integration-events/event-mapper.js';
export { type Topic, topics } from './integration-events/integration-event.js';
export { recordsOf } from './integration-events/kafka-record.js';
export { KafkaConnection, type KafkaConnectionOptions } from './kafkajs/connection.js';
export { KafkaPublisher, type KafkaPublisherOptions, positionTopicOf } from './kafkajs/kafka-publisher.js';
export { KafkaTurns } from './kafkajs/kafka-turns.js';
export { partitionOf } from './kafkajs/partition-of.js';
export { ensureTopics, type TopicOptions } from './kafkajs/topics.js';
export { alwaysMine } from './relay/always-mine.js';
export type { RelayLag } from './relay/lag.js';
export {
  FencedError,
  type LogPublisher,
  type LogRecord,
  type MapEvent,
  type RelayPosition,
  RelayRefusedError,
  type RelayTurns,
} from './relay/port.js';
export { Relay, type RelayOptions, type RelayState, type RelayStatus } from './relay/relay.js';
