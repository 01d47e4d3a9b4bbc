import { join } from 'node:path';
import { type AuthorityEvent, noRevision } from '#libs/domain';
import { type EventHandler, MemoryEventStore, type Position, type Subscription } from '#libs/event-store';
import { until } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type CommandBus } from '@nestjs/cqrs';
import { type ReadModel } from '#libs/read-model';
import { Clock } from '../commands/clock.js';
import { readConfiguration } from '../config/read-configuration.js';
import { ApplicationLog } from '../http/application-log.js';
import { HouseKeeping } from './house-keeping.js';
import { type Served, serve } from './serve.js';

const unheard: AuthorityEvent['type'] | 'Unheard' = 'Unheard';

/** A log that can no longer be followed when a test says so. */
class LogThatBreaks extends MemoryEventStore {
  private fail: (reason: Error) => void = () => undefined;

  override subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    const inner = super.subscribe(after, handler);
    const failed = new Promise<never>((_resolve, reject) => (this.fail = reject));
    return { failed: Promise.race([failed, inner.failed]), trouble: undefined, close: () => inner.close() };
  }

  breakOff(reason: string): void {
    this.fail(new Error(reason));
  }
}

describe('work in the background that ends for good', () => {
  const folder = blockFolder();
  let served: Served | undefined;
  let started = 0;
  let lines: { level: string; msg: string; err?: { message: string } }[] = [];
  const applicationLog = ApplicationLog.create({ level: 'error', format: 'json' }, (line) =>
    lines.push(JSON.parse(line)),
  );
  afterEach(async () => {
    lines = [];
    await served?.close();
    served = undefined;
  });

  async function start(store: MemoryEventStore): Promise<string> {
    const { configuration } = readConfiguration({
      ...{
        SERVE_PUBLIC_PORT: '0',
        SERVE_PUBLIC_HOST: '127.0.0.1',
        SERVE_ADMIN_PORT: '0',
        DATA_DIR: join(folder.path, String(started++)),
      },
      ...{ SECRETS_SYSTEM: 'a-system-secret-for-tests', URLS_SELF_ISSUER: 'http://127.0.0.1:1' },
    });
    served = await serve(configuration, ['admin'], { store, applicationLog });
    return served.urls.admin ?? '';
  }

  async function notReady(adminUrl: string): Promise<string> {
    let why = '';
    await until('readiness is 503', async () => {
      const answer = await fetch(`${adminUrl}/health/ready`);
      why = await answer.text();
      return answer.status === 503;
    });
    return why;
  }

  it('is told in readiness and in the log: an event that cannot be applied', async () => {
    const store = new MemoryEventStore();
    const adminUrl = await start(store);
    const event = { id: '00000000-0000-4000-8000-00000000ffff', type: unheard, data: '{}', metadata: '{}' };
    await store.append('client-x', [event], { expectedRevision: noRevision });
    expect(await notReady(adminUrl)).toMatch(/the read model has stopped: .*Unheard/);
    expect(lines).toMatchObject([
      { msg: 'the read model has stopped', err: { message: expect.stringContaining('Unheard') } },
    ]);
  });

  it('is told in readiness and in the log: a log that cannot be followed', async () => {
    const store = new LogThatBreaks();
    const adminUrl = await start(store);
    store.breakOff('the disk is gone');
    expect(await notReady(adminUrl)).toContain('the read model has stopped: the disk is gone');
    expect(lines).toMatchObject([{ msg: 'the read model has stopped', err: { message: 'the disk is gone' } }]);
  });

  it('is not a disk that does not take the read model: readiness says why until it does', async () => {
    const store = new MemoryEventStore();
    const adminUrl = await start(store);
    const { db } = served!.authority.readModel;
    db.exec('PRAGMA query_only = ON');
    const event = { id: '00000000-0000-4000-8000-00000000ffff', type: 'RetentionApplied', data: '{}', metadata: '{}' };
    await store.append('retention', [event], { expectedRevision: noRevision });
    const why = JSON.parse(await notReady(adminUrl)) as { reason: string; errors: { database: string } };
    expect(why.reason).toBe('read_only');
    expect(why.errors.database).toBe('the read model cannot go on: attempt to write a readonly database');
    db.exec('PRAGMA query_only = OFF');
    await until('it is ready again', async () => (await fetch(`${adminUrl}/health/ready`)).ok);
  });

  it('is none of house-keeping: a round that fails is logged, and the next one comes', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
    try {
      const failing = {
        get db(): never {
          throw new Error('no rows today');
        },
      } as unknown as ReadModel;
      const houseKeeping = new HouseKeeping(failing, {} as CommandBus, { clock: new Clock(), applicationLog });
      houseKeeping.start();
      await jest.advanceTimersByTimeAsync(3 * 60_000);
      await houseKeeping.stop();
      expect(lines.map(({ msg, err }) => [msg, err?.message])).toEqual(
        Array.from({ length: 3 }, () => ['house-keeping failed', 'no rows today']),
      );
    } finally {
      jest.useRealTimers();
    }
  });
});
