import { createTopic, KafkaReplayTarget, recordsOf, replay, RelayRefusedError, topics } from '#libs/fan-out';
import { ConfigurationError } from '../config/configuration.js';
import { topicOptions } from '../relay/kafka-options.js';
import { type RelayLog } from './open-relay-log.js';
import { note, print, Progress } from '../terminal/output.js';
import { selectionOf, type SelectionOptions } from './selection-options.js';

export type ReplayOptions = SelectionOptions & { readonly topic: string; readonly create?: boolean };

/** `hydrant relay replay`: publishes a part of the log again, into a topic of the caller's; goes on where it stopped. */
export async function replayInto(opened: RelayLog, options: ReplayOptions): Promise<void> {
  const { store, codec, root, kafka, connection, issuer } = opened;
  const { topic } = options;
  if ([...topics, 'relay.v1'].some((own) => kafka.topicPrefix + own === topic)) {
    throw new ConfigurationError(
      `--topic ${topic} is one that the relay publishes to: give the replay a topic of its own`,
    );
  }
  const selection = selectionOf(options, root);
  const until = await store.head();
  if (until === undefined) throw new RelayRefusedError('the event log is empty');
  if (options.create === true) await createTopic(connection, topic, topicOptions(kafka));
  const { subjects, tokenEvents, topicPrefix } = kafka;
  const progress = new Progress('records', until);
  const target = new KafkaReplayTarget(connection, topic, `${topicPrefix}replay.${topic}`);
  try {
    const records = await replay({
      ...{ store, selection, until, target, notice: note },
      map: recordsOf({ store, codec, subjects, tokenEvents, issuer }),
      onProgress: ({ position, records: written }) => progress.show(position, written),
    });
    progress.end();
    print(`${records} records are in topic ${topic} now that were not before, up to position ${until} of the log`);
  } finally {
    progress.end();
    await target.close();
  }
}
