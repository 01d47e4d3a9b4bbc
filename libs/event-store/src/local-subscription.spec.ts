import { until } from '#libs/harness';
import { describe, expect, it } from '@jest/globals';
import { anEvent } from './contract/sample-events.js';
import { LocalSubscriptions } from './local-subscription.js';
import { type Position, type StoredEvent } from './port.js';

/** A log in an array that counts how often it is read. */
class ArrayLog {
  readonly events: StoredEvent[] = [];
  reads = 0;
  nextReadErrors: Error[] = [];
  readonly subscriptions = new LocalSubscriptions((after = 0 as Position, limit) => {
    this.reads += 1;
    const error = this.nextReadErrors.shift();
    if (error !== undefined) throw error;
    return this.events.slice(after, after + limit);
  });

  append(count: number): void {
    const added = Array.from({ length: count }, (_, index) => ({
      ...anEvent(),
      stream: 'a-1',
      revision: this.events.length + index,
      position: (this.events.length + index + 1) as Position,
    }));
    this.events.push(...added);
    this.subscriptions.publish(added);
  }
}

describe('LocalSubscription', () => {
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  it('hands over what is published in the same turn, without reading', async () => {
    const log = new ArrayLog();
    const seen: number[] = [];
    log.subscriptions.open(undefined, (events) => void seen.push(...events.map(({ position }) => position)));
    await nextTurn();
    const { reads } = log;
    log.append(3);
    expect(seen).toEqual([1, 2, 3]);
    expect(log.reads).toBe(reads);
  });

  it('reads pages again when more is published than it keeps for a busy handler', async () => {
    const log = new ArrayLog();
    const seen: number[] = [];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let done: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (done = resolve));
    log.subscriptions.open(undefined, (events) => {
      seen.push(...events.map(({ position }) => position));
      if (seen.length === 30_001) done();
      return released;
    });
    await nextTurn();
    log.append(1);
    for (let round = 0; round < 30; round += 1) log.append(1_000);
    const { reads } = log;
    expect(seen).toEqual([1]);
    release();
    await all;
    expect(seen).toEqual(log.events.map(({ position }) => position));
    expect(log.reads).toBeGreaterThan(reads);
  });

  const ioError = () => Object.assign(new Error('disk I/O error'), { errcode: 10 });

  it('asks again for a page that the disk did not give; nothing is left out, and nothing comes twice', async () => {
    const log = new ArrayLog();
    log.append(1_500);
    log.nextReadErrors = [ioError(), ioError(), ioError()];
    const seen: number[] = [];
    const subscription = log.subscriptions.open(undefined, (events) => {
      seen.push(...events.map(({ position }) => position));
    });
    await nextTurn();
    expect(subscription.trouble?.message).toBe('disk I/O error');
    log.append(500);
    await until('everything is delivered', async () => seen.length >= 2_000);
    expect(seen).toEqual(log.events.map(({ position }) => position));
    expect(subscription.trouble).toBeUndefined();
    log.append(1);
    expect(seen.at(-1)).toBe(2_001);
  });

  it('asks no more once it is closed, nor after an error that is not of the disk', async () => {
    const log = new ArrayLog();
    log.nextReadErrors = [ioError(), new Error('a mistake')];
    const first = log.subscriptions.open(undefined, () => undefined);
    await nextTurn();
    await first.close();
    const { reads } = log;
    const second = log.subscriptions.open(undefined, () => undefined);
    await expect(second.failed).rejects.toThrow('a mistake');
    expect(log.reads).toBe(reads + 1);
  });
});
