import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidV7 } from '#libs/crypto';
import { noRevision } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { type Sample, onLanes } from './load.js';

const event = {
  type: 'TokensIssued',
  data: JSON.stringify({ payload: 'x'.repeat(500) }),
  metadata: JSON.stringify({ payload: 'x'.repeat(250) }),
};

/** The processor time of this process so far, in microseconds. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Durable appends of one event of 750 bytes, each to a new stream, with so many in flight. */
export async function appendRate(folder: string, inFlight: number, seconds: number): Promise<Sample> {
  const directory = await mkdtemp(join(folder, 'appends-'));
  const store = openSqliteEventStore(directory);
  try {
    return await onLanes({ lanes: inFlight, seconds, cpuUs: ownCpuUs }, () => {
      const id = uuidV7(new Date());
      return store.append(`grant-${id}`, [{ id, ...event }], { expectedRevision: noRevision });
    });
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}
