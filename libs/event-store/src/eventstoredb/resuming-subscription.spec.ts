import { noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent, newStreamName } from '../contract/sample-events.js';
import { type EventHandler, type Position, type StoredEvent } from '../port.js';
import { readConnectionString } from './connection-string.js';
import { KnownLog } from './known-log.js';
import { LogReader } from './log-reader.js';
import { openEventStoreDb } from './open-eventstoredb.js';
import { ResumingSubscription } from './resuming-subscription.js';

/** Counts what is asked of the server. */
class CountingReader extends LogReader {
  pages = 0;

  override page(from: Position | undefined, count: number): Promise<StoredEvent[]> {
    this.pages += 1;
    return super.page(from, count);
  }
}

describe('ResumingSubscription', () => {
  let double: EventStoreDbDouble;
  let reader: CountingReader;
  let ended: number;
  beforeEach(async () => {
    double = await startEventStoreDbDouble();
    const store = await openEventStoreDb({ url: double.url });
    const many = Array.from({ length: 2_500 }, () => anEvent());
    await store.append(newStreamName(), many, { expectedRevision: noRevision });
    await store.close();
    const to = readConnectionString(double.url);
    const known = new KnownLog({ to, silenceMs: 5_000, notice: () => undefined });
    reader = new CountingReader({ to, prefix: 'hydrant.', silenceMs: 5_000, known });
    ended = 0;
  });
  afterEach(async () => {
    await reader.close();
    await double.close();
  });

  const follow = (handler: EventHandler) =>
    new ResumingSubscription(undefined, {
      reader,
      handler,
      watchdogMs: 5_000,
      notice: () => undefined,
      onEnd: () => (ended += 1),
    });

  /** Gives a reader that goes on the time to be seen doing so. */
  async function severalAnswers(): Promise<void> {
    for (let asked = 0; asked < 20; asked += 1) await reader.head();
  }

  it('asks for nothing more when it is closed in the middle of catching up', async () => {
    const closing = new Promise<void>((resolve) => {
      const subscription = follow(() => {
        void subscription.close();
        resolve();
      });
    });
    await closing;
    await severalAnswers();
    expect([reader.pages, ended]).toEqual([1, 1]);
  });

  it('asks for nothing more when its handler has failed in the middle of catching up', async () => {
    const { failed } = follow(() => {
      throw new Error('full');
    });
    await expect(failed).rejects.toThrow('full');
    await severalAnswers();
    expect([reader.pages, ended]).toEqual([1, 1]);
  });
});
