import { BACKWARDS, END, EventStoreDBClient, type ResolvedEvent, jsonEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { startScavenge } from './scavenge.js';

/** A server that a test talks to, with the raw client. */
export type ServerUnderTest = {
  /** A connection string without options but `tls`. */
  readonly url: string;
  /** Resolves when the scavenge is done. */
  scavenge(): Promise<void>;
  close(): Promise<void>;
};

/** The double, and the server that `EVENTSTOREDB_URL` names (`esdb://host:port?tls=false`, one host), if it does. It may be shared. */
export const serversUnderTest: readonly (readonly [string, () => Promise<ServerUnderTest>])[] = [
  ['the double', startDouble],
  ...realServer(process.env.EVENTSTOREDB_URL),
];

async function startDouble(): Promise<ServerUnderTest> {
  const double = await startEventStoreDbDouble();
  return { url: double.url, scavenge: async () => double.scavenge(), close: () => double.close() };
}

function realServer(url: string | undefined): [string, () => Promise<ServerUnderTest>][] {
  if (url === undefined || url === '') return [];
  const server = { url, scavenge: () => scavengeOverHttp(url), close: async () => undefined };
  return [['a real server', async () => server]];
}

async function scavengeOverHttp(url: string): Promise<void> {
  const scavengeId = await startScavenge(new URL(url).host);
  const client = connect(url);
  await until('the scavenge is done', async () => {
    const events = await read(client.readStream(`$scavenges-${scavengeId}`)).catch(() => []);
    return events.some(({ event }) => event?.type === '$scavengeCompleted');
  });
}

/** @param options more of the connection string, as in `&defaultDeadline=500` */
export function connect(url: string, options = ''): EventStoreDBClient {
  return EventStoreDBClient.connectionString(`${url}${options}`);
}

/** Sent with every append: it makes the client append one call at a time, which is the only path we use. */
export const credentials = { username: 'any', password: 'any' };

/** A name no stream ever had. */
export function newStream(): string {
  return `behaviour-${randomUUID()}`;
}

/** An event nothing is known about, with an id of its own unless given. */
export function anEvent(id: string = randomUUID()): ReturnType<typeof jsonEvent> {
  return jsonEvent({ id, type: 'SomethingHappened', data: { n: 1 } });
}

/** Reads to the end. */
export async function read(events: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> {
  const seen: ResolvedEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** The position of the last event in the log. */
export async function head(client: EventStoreDBClient): Promise<bigint> {
  const [last] = await read(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
  return last?.event?.position?.commit ?? -1n;
}

/** As the client wants it: an event has one position. */
export function at(commit: bigint): { commit: bigint; prepare: bigint } {
  return { commit, prepare: commit };
}
