import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { noRevision } from '#libs/domain';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventStoreContract } from '../contract/contract.js';
import { anEvent, newStreamName, ofStreams } from '../contract/sample-events.js';
import { foreignEvent } from '../port.js';
import { openEventStoreDb } from './open-eventstoredb.js';

eventStoreContract(
  'EventStoreDB (its double)',
  async () => {
    const double = await startEventStoreDbDouble();
    let store = await openEventStoreDb({ url: double.url });
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openEventStoreDb({ url: double.url });
        return store;
      },
      close: async () => {
        await store.close();
        await double.close();
      },
    };
  },
  { purges: false, shared: false, remote: true },
);

const realServer = process.env['EVENTSTOREDB_URL'];
if (realServer !== undefined) {
  eventStoreContract(
    `EventStoreDB (${realServer})`,
    async () => {
      const options = { url: realServer, prefix: `t${randomUUID()}.` };
      let store = await openEventStoreDb(options);
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await openEventStoreDb(options);
          return store;
        },
        close: () => store.close(),
      };
    },
    { purges: false, shared: true, remote: true },
  );
}

describe.each(realServer === undefined ? ['its double'] : ['its double', realServer])('EventStoreDB (%s)', (server) => {
  let double: EventStoreDbDouble;
  let url: string;
  beforeAll(async () => {
    double = await startEventStoreDbDouble();
    url = server === realServer ? server : double.url;
  });
  afterAll(() => double.close());

  it('shows what a neighbour writes as foreign events that move the position, and nothing of it', async () => {
    const [ours, theirs] = await Promise.all(
      ['ours', 'theirs'].map((name) => openEventStoreDb({ url, prefix: `${name}${randomUUID()}.` })),
    );
    const stream = newStreamName();
    const start = await ours!.head();
    const event = anEvent({ type: 'ClientCreated', data: '{"private":true}' });
    const { position } = await theirs!.append(stream, [event], { expectedRevision: noRevision });
    const deletion = await theirs!.deleteStream(stream, { expectedRevision: 0 });
    const seen = (await ours!.readAll(start, 1_000)).filter((each) => [position, deletion].includes(each.position));
    const foreign = { type: foreignEvent, data: '{}', metadata: '{}', stream: '', revision: -1 };
    expect(seen).toEqual([
      { ...foreign, id: event.id, position },
      { ...foreign, id: expect.any(String), position: deletion },
    ]);
    expect(await ours!.readStream(stream)).toEqual([]);
    await Promise.all([ours!.close(), theirs!.close()]);
  });

  it('passes on what somebody else has written into a stream of ours', async () => {
    const prefix = `ours${randomUUID()}.`;
    const store = await openEventStoreDb({ url, prefix });
    const stream = newStreamName();
    const start = await store.head();
    await store.append(stream, [anEvent()], { expectedRevision: noRevision });
    const somebody = EventStoreDBClient.connectionString(url);
    const credentials = { username: 'somebody', password: 'else' };
    const link = binaryEvent({ type: '$>', data: Uint8Array.from(Buffer.from('0@other')) });
    const json = jsonEvent({ type: 'ClientCreated', data: { unlike: 'ours' } });
    await somebody.appendToStream(prefix + stream, [link, json], { credentials });
    const written = [
      { type: 'foreign $>', data: '0@other', metadata: '', stream, revision: 1 },
      { type: 'ClientCreated', data: '{"unlike":"ours"}', metadata: '', stream, revision: 2 },
    ];
    expect((await store.readStream(stream)).slice(1)).toMatchObject(written);
    expect(ofStreams([stream], await store.readAll(start, 1_000)).slice(1)).toMatchObject(written);
    await Promise.all([store.close(), somebody.dispose()]);
  });
});
