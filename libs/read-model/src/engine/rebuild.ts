import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EventStore } from '#libs/event-store';
import { createQueryIndexes, createTables } from './checkpoint.js';
import { openScratchDatabase } from './database.js';
import { type EventDecoder, Projector } from './projector.js';

const pageSize = 1_000;

/**
 * Builds the read model anew from the whole log, beside the old file, and puts it in the old one's place. Nobody may have the file open.
 *
 * @param options.progress is told now and then how many events were applied
 * @throws ProjectionError | CodecError for an event that cannot be applied; the old file stays as it was
 */
export async function rebuildReadModel(options: {
  file: string;
  store: EventStore;
  codec: EventDecoder;
  progress?: (applied: number) => void;
}): Promise<{ events: number }> {
  const { file } = options;
  const fresh = `${file}.rebuild`;
  removeDatabase(fresh);
  const events = await build(fresh, options);
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true }); // they belong to the old file
  sync(fresh);
  renameSync(fresh, file);
  sync(dirname(file));
  return { events };
}

async function build(
  file: string,
  { store, codec, progress }: { store: EventStore; codec: EventDecoder; progress?: (applied: number) => void },
): Promise<number> {
  const db = openScratchDatabase(file);
  try {
    createTables(db);
    const projector = new Projector(db, codec, pageSize);
    let events = 0;
    for (;;) {
      const page = await store.readAll(projector.appliedUpTo, pageSize);
      if (page.length === 0) break;
      const pending = projector.apply(page);
      if (pending !== undefined) await pending;
      events += page.length;
      progress?.(events);
    }
    createQueryIndexes(db);
    return events;
  } finally {
    db.close();
  }
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
