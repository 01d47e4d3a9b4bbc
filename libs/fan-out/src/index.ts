export { KafkaConnection, type KafkaConnectionOptions } from './kafkajs/connection.js';
export { KafkaPublisher, type KafkaPublisherOptions, positionTopicOf } from './kafkajs/kafka-publisher.js';
export { partitionOf } from './kafkajs/partition-of.js';
export { ensureTopics, type TopicOptions } from './kafkajs/topics.js';
export { BATCH_BYTES, BATCH_RECORDS, MAX_RECORD_BYTES } from './relay/limits.js';
export {
  FencedError,
  type LogPublisher,
  type LogRecord,
  type RelayPosition,
  RelayRefusedError,
  type RelayTurns,
} from './relay/port.js';
