import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RootKey, uuidV7 } from '#libs/crypto';
import { client, eventSchemas } from '#libs/domain';
import { EventCodec, EventLog, MemoryEventStore, type PersonalDataKeys } from '#libs/event-store';
import { ReadModel } from '#libs/read-model';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestContext } from '../http/request-context.js';
import { Clock } from './clock.js';
import { CommandContext } from './command-context.js';

describe('CommandContext.commit', () => {
  const store = new MemoryEventStore();
  const codec = new EventCodec(eventSchemas, {}, {} as PersonalDataKeys);
  const log = new EventLog({ store, codec, clock: () => new Date(), newId: uuidV7 });
  let folder: string;
  let readModel: ReadModel;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'command-context-'));
    readModel = await ReadModel.open({ file: join(folder, 'read-model.db'), store, codec });
    readModel.start();
  });
  afterEach(async () => {
    await readModel.close();
    rmSync(folder, { recursive: true });
  });

  const create = (clientId: string) => {
    const context = new CommandContext(log, readModel, new Clock(), new RootKey(1, Buffer.alloc(32)));
    const by = new RequestContext('admin', { headers: {} });
    const command = {
      type: 'CreateClient',
      data: { clientId, registration: {} as never, secretHash: '' },
      now: new Date(),
    } as const;
    return context.commit(client, clientId, command, by).then((committed) => ({ committed, by }));
  };

  it('says that the read model shows what was committed', async () => {
    const { committed, by } = await create('one');
    expect(committed).toMatchObject({ applied: true, revision: 0 });
    expect(by.position).toBe(committed.position);
  });

  it('has committed all the same when the read model cannot follow, and says so', async () => {
    await readModel.close();
    const { committed } = await create('two');
    expect(committed).toMatchObject({ applied: false, revision: 0 });
    expect(await store.readStream('client-two')).toHaveLength(1);
  });
});
