export { type MappingOptions } from './integration-events/event-mapper.js';
export { type Topic, topics } from './integration-events/integration-event.js';
export { recordsOf } from './integration-events/kafka-record.js';
export { isKafkaError, KafkaConnection, type KafkaConnectionOptions } from './kafkajs/connection.js';
export { KafkaPublisher, type KafkaPublisherOptions, positionTopicOf } from './kafkajs/kafka-publisher.js';
export { KafkaTurns } from './kafkajs/kafka-turns.js';
export { partitionOf } from './kafkajs/partition-of.js';
export { KafkaReplayTarget } from './kafkajs/kafka-replay-target.js';
export { type PublishedStatus, publishedStatus } from './kafkajs/published-status.js';
export { highestSequence, TopicReader } from './kafkajs/topic-reader.js';
export { createTopic, ensureTopics, type TopicOptions } from './kafkajs/topics.js';
export { alwaysMine } from './relay/always-mine.js';
export { measureLag, type RelayLag } from './relay/lag.js';
export {
  FencedError,
  type LogPublisher,
  type LogRecord,
  type MapEvent,
  type RelayPosition,
  type PublishedRecord,
  RelayRefusedError,
  type RelayTurns,
  UnpublishableEventError,
} from './relay/port.js';
export { Relay, type RelayOptions, type RelayState, type RelayStatus } from './relay/relay.js';
export { type ReplayProgress, replay } from './replay/replay.js';
export { type Bound, type Selection, selects, typesNamed } from './replay/selection.js';
export { wasDeleted } from './replay/was-deleted.js';
export { type Finding, fits, type Verification, verify } from './replay/verify.js';
