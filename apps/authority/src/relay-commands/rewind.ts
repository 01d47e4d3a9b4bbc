import { createInterface } from 'node:readline/promises';
import { type EventStore, type Position } from '#libs/event-store';
import { highestSequence, KafkaPublisher, RelayRefusedError, TopicReader, topics } from '#libs/fan-out';
import { ConfigurationError } from '../config/configuration.js';
import { instanceName, logIdOf } from '../relay/kafka-options.js';
import { type RelayLog } from './open-relay-log.js';
import { print } from '../terminal/output.js';
import { positionOf } from './selection-options.js';

const pageSize = 1_000;

export type RewindOptions = { readonly to?: string; readonly fromTopics?: boolean; readonly yes?: boolean };

/**
 * `hydrant relay rewind`: sets up to where the log counts as published, after topics were lost or rebuilt. Whoever publishes is shut out
 * first, then the topics are looked at, then the new position is written.
 */
export async function rewind({ store, kafka, connection }: RelayLog, options: RewindOptions): Promise<void> {
  if ((options.to === undefined) !== (options.fromTopics === true)) {
    throw new ConfigurationError('give either --to POSITION or --from-topics');
  }
  const { topicPrefix: prefix } = kafka;
  const logId = await logIdOf(store);
  const asked = options.to === undefined ? undefined : positionOf('--to', options.to);
  if (options.yes !== true) await confirm(asked === undefined ? 'from-topics' : String(asked));
  const instance = instanceName('relay rewind');
  const publisher = new KafkaPublisher({ connection, prefix, logId, topics, instance });
  try {
    const before = await publisher.openAnew();
    const wanted = asked ?? (await inTopics(connection, prefix));
    const { event, previous } = await eventAt(store, wanted);
    await publisher.publish([], { position: event?.position ?? wanted, eventId: event?.id, previous, logId });
    print(
      `the log counts as published up to position ${event?.position ?? wanted}; it was ${before?.position ?? 'not at all'}`,
    );
  } finally {
    await publisher.close();
  }
}

async function inTopics(connection: RelayLog['connection'], prefix: string): Promise<Position> {
  const reader = await TopicReader.open(
    connection,
    topics.map((topic) => prefix + topic),
  );
  try {
    return (await highestSequence(reader)) ?? (0 as Position);
  } finally {
    await reader.close();
  }
}

type EventAt = {
  readonly event: { readonly position: Position; readonly id: string } | undefined;
  readonly previous: Position | undefined;
};

/** The last event that is not behind a position, and where the one in front of it stands. @throws RelayRefusedError behind the log's end */
async function eventAt(store: EventStore, position: Position): Promise<EventAt> {
  const head = await store.head();
  if (head === undefined || position > head) {
    throw new RelayRefusedError(`the log ends at position ${head ?? 'nothing'}, in front of ${position}`);
  }
  let found: EventAt = { event: undefined, previous: undefined };
  for (;;) {
    const page = await store.readAll(found.event?.position, pageSize);
    for (const event of page) {
      if (event.position > position) return found;
      found = { event, previous: found.event?.position };
    }
    if (page.length === 0) return found;
  }
}

/** @throws ConfigurationError when nobody can be asked, or the answer is another */
async function confirm(word: string): Promise<void> {
  if (!process.stdin.isTTY) throw new ConfigurationError('nobody is there to confirm it: give --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const question = `What is behind that position is published again; readers see it twice. Type ${word} to go on: `;
  const answer = await terminal.question(question);
  terminal.close();
  if (answer.trim() !== word) throw new ConfigurationError('not confirmed; nothing was changed');
}
