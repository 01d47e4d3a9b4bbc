import { type StoredEvent, openEventStoreDb } from '#libs/event-store';
import { type FaultLoad } from './fault-load.js';
import { type FaultyStore } from './faulty-stores.js';

/** What is wrong with the log after a load: gaps, events twice, acknowledged writes missing or twice. */
export async function auditStore({ url, env }: FaultyStore, load: FaultLoad): Promise<string[]> {
  const log = await openEventStoreDb({ url, prefix: env.EVENT_STORE_PREFIX ?? '' });
  try {
    const events = (await log.readAll(undefined, 1_000_000)).filter(({ type }) => !type.startsWith('$'));
    return [...revisionGaps(events), ...repeated(events), ...clientsAmiss(events, load)];
  } finally {
    await log.close();
  }
}

/** Scavenged streams are gone as a whole, so what is there counts from 0. */
function revisionGaps(events: readonly StoredEvent[]): string[] {
  const next = new Map<string, number>();
  return events.flatMap(({ stream, revision }) => {
    const expected = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    return revision === expected ? [] : [`${stream}@${revision} should be @${expected}`];
  });
}

function repeated(events: readonly StoredEvent[]): string[] {
  const grants = events.flatMap(({ type, data }) => {
    if (type !== 'TokensIssued') return [];
    return [(JSON.parse(data) as { grantId: string }).grantId];
  });
  return [
    ...twice(
      events.map(({ id }) => id),
      'event',
    ),
    ...twice(grants, 'tokens of grant'),
  ];
}

function clientsAmiss(events: readonly StoredEvent[], load: FaultLoad): string[] {
  const created = events.filter(({ type }) => type === 'ClientCreated').map(({ stream }) => stream);
  const there = new Set(created);
  const missing = [...load.clients].filter(([id, told]) => told === 'yes' && !there.has(`client-${id}`));
  return [...twice(created, 'creation in'), ...missing.map(([id]) => `client ${id} was acknowledged and is not there`)];
}

function twice(names: readonly string[], what: string): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name)).map((name) => `${what} ${name} is there twice`);
}
