import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RootKey, uuidV7 } from '#libs/crypto';
import { client, eventSchemas, eventUpcasters } from '#libs/domain';
import { EventCodec, EventLog, type Idempotency, MemoryEventStore, type PersonalDataKeys } from '#libs/event-store';
import { ReadModel } from '#libs/read-model';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestContext } from '../http/request-context.js';
import { Clock } from './clock.js';
import { CommandContext } from './command-context.js';

describe('CommandContext.commit', () => {
  const store = new MemoryEventStore();
  const codec = new EventCodec(eventSchemas, eventUpcasters, {} as PersonalDataKeys);
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

  const contextNow = () => new CommandContext(log, readModel, new Clock(), new RootKey(1, Buffer.alloc(32)));
  const request = (idempotency?: Idempotency) => {
    const by = new RequestContext('admin', { headers: {} });
    by.idempotency = idempotency;
    return by;
  };
  const createClient = (clientId: string) =>
    ({
      type: 'CreateClient',
      data: { clientId, registration: {} as never, secretHash: '' },
      now: new Date(),
    }) as const;
  const create = async (clientId: string) => {
    const by = request();
    const committed = await contextNow().commit(client, clientId, { command: createClient(clientId), by });
    return { committed, by };
  };
  const dead = { isAlive: () => false, refusal: () => new Error('born dead') };

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

  it('refuses what was born dead, and says how far the log went all the same', async () => {
    const by = request();
    const committing = contextNow().commit(client, 'three', { command: createClient('three'), by, liveness: dead });
    await expect(committing).rejects.toThrow('born dead');
    expect([await store.head(), by.position]).toEqual([by.position, expect.anything()]);
  });

  it('does not refuse what the read model does not show yet', async () => {
    await readModel.close();
    const write = { command: createClient('four'), by: request(), liveness: dead };
    expect(await contextNow().commit(client, 'four', write)).toMatchObject({ applied: false, revision: 0 });
  });

  it('does not do again what a request with the same Idempotency-Key did, and leads its answer as far', async () => {
    const idempotency = { keyHash: 'key', bodyHash: 'body' };
    const [first, again] = [request(idempotency), request(idempotency)];
    const created = await contextNow().commit(client, 'five', { command: createClient('five'), by: first });
    const repeat = await contextNow().commit(client, 'five', { command: createClient('five'), by: again });
    expect(repeat).toMatchObject({ repeated: true, events: created.events });
    expect([again.position, first.position]).toEqual([created.position, created.position]);
    expect(await store.readStream('client-five')).toHaveLength(1);
  });

  it('leads the answers of all requests that share it as far', async () => {
    const [by, ...alsoBy] = [request(), request(), request()] as const;
    const write = { command: createClient('six'), by, alsoBy };
    const { position } = await contextNow().commit(client, 'six', write);
    expect([by, ...alsoBy].map((each) => each.position)).toEqual([position, position, position]);
  });

  it('leaves the Idempotency-Key to the last write of a command', async () => {
    const by = request({ keyHash: 'key', bodyHash: 'body' });
    await contextNow().append(client, 'seven', { command: createClient('seven'), by });
    const [event] = await store.readStream('client-seven');
    expect((await codec.decode(event!)).metadata.idempotency).toBeUndefined();
  });
});
