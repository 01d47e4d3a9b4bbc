import { measureLag, type PublishedStatus, publishedStatus, topics } from '#libs/fan-out';
import { logIdOf } from '../relay/kafka-options.js';
import { type RelayLog } from './open-relay-log.js';
import { print, printTable } from '../terminal/output.js';

/** `hydrant relay status`: how far the log is published, and by whom. It disturbs nobody. */
export async function printStatus({ store, kafka, connection }: RelayLog, format: 'text' | 'json'): Promise<void> {
  const status = await publishedStatus(connection, kafka.topicPrefix, topics);
  const { position, publishedAt, opened, active, standingBy } = status;
  const lag = await measureLag(store, position?.position, new Date());
  const logId = await logIdOf(store);
  const result = {
    position: position?.position ?? null,
    eventId: position?.eventId ?? null,
    publishedAt: publishedAt?.toISOString() ?? null,
    sameLog: position === undefined || position.logId === logId,
    head: lag.head ?? null,
    lagEvents: lag.events,
    lagSeconds: lag.seconds,
    instance: opened === undefined ? null : { name: opened.instance, since: opened.at.toISOString() },
    group: { active: active ?? null, standingBy },
    topics: status.topics,
  };
  if (format === 'json') print(JSON.stringify({ ...result, topics: orNull(status.topics) }, null, 2));
  else printText(result);
}

type Result = {
  readonly [member in 'position' | 'publishedAt' | 'head']: string | number | null;
} & {
  readonly sameLog: boolean;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly instance: { readonly name: string; readonly since: string } | null;
  readonly group: { readonly active: PublishedStatus['active'] | null; readonly standingBy: number };
  readonly topics: PublishedStatus['topics'];
};

function printText({
  position,
  publishedAt,
  sameLog,
  head,
  lagEvents,
  lagSeconds,
  instance,
  group,
  topics,
}: Result): void {
  const { active, standingBy } = group;
  const turn = active == null ? 'nobody has the turn' : `the turn is of ${active.clientId} at ${active.host}`;
  printTable([
    ['published', position === null ? 'nothing yet' : `up to position ${position}, at ${publishedAt}`],
    ...(sameLog ? [] : [['', 'THE TOPICS HOLD ANOTHER LOG THAN THIS']]),
    ['log', head === null ? 'empty' : `ends at position ${head}`],
    ['lag', `${lagEvents} events, ${Math.round(lagSeconds)} s`],
    ['instance', instance === null ? 'none so far' : `${instance.name}, since ${instance.since}`],
    ['group', `${turn}, ${standingBy} standing by`],
  ]);
  print('');
  const rows = Object.entries(topics).flatMap(([topic, partitions]) =>
    partitions === undefined
      ? [[topic, 'is not there']]
      : partitions.map(({ first, end, sequence }, partition) => [
          ...[topic, String(partition), String(first), String(end), sequence === undefined ? '' : String(sequence)],
        ]),
  );
  printTable([['topic', 'partition', 'first offset', 'end offset', 'last position'], ...rows]);
}

function orNull(topics: PublishedStatus['topics']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(topics).map(([topic, partitions]) => [topic, partitions ?? null]));
}
