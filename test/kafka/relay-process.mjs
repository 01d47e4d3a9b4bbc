/**
 * A relay in a process of its own, for tests that kill and freeze it: the built libraries over an EventStoreDB, with a mapping that publishes
 * each event's id under its stream's name. Says how far it is and what goes wrong. At SIGUSR2 it keeps the end of the next transaction back
 * until it gets that signal again.
 */
import { createRequire } from 'node:module';
import { openEventStoreDb } from '../../dist/libs/event-store/src/index.js';
import { alwaysMine, KafkaConnection, KafkaPublisher, KafkaTurns, Relay } from '../../dist/libs/fan-out/src/index.js';

const { STORE, BROKERS, PREFIX, LOG_ID, INSTANCE, TURNS, REQUEST_TIMEOUT_MS } = process.env;

const store = await openEventStoreDb({ url: STORE, prefix: 'hydrant.', notice: say });
const connection = new KafkaConnection({
  brokers: BROKERS.split(','),
  clientId: `relay-${INSTANCE}`,
  ...(REQUEST_TIMEOUT_MS !== undefined && { requestTimeoutMs: Number(REQUEST_TIMEOUT_MS) }),
});
const relay = new Relay({
  store,
  logId: LOG_ID,
  mapping:
    () =>
    async ({ id, stream, position }) => ({
      ...{ topic: 'client.v1', key: stream, value: id },
      ...{ headers: { ce_id: id, ce_sequence: String(position).padStart(20, '0') }, timestamp: 1_700_000_000_000 },
    }),
  publisher: new KafkaPublisher({
    connection,
    prefix: PREFIX,
    logId: LOG_ID,
    topics: ['client.v1'],
    instance: INSTANCE,
  }),
  turns: TURNS === 'bypassed' ? alwaysMine : new KafkaTurns(connection, PREFIX),
  startAt: 'beginning',
  clock: () => new Date(),
  notice: say,
});
const { prototype: broker } = createRequire(import.meta.url)('kafkajs/src/broker');
const { endTxn } = broker;
process.once('SIGUSR2', () => {
  broker.endTxn = async function (request) {
    broker.endTxn = endTxn;
    const go = new Promise((resolve) => process.once('SIGUSR2', resolve));
    say('keeps the end of a transaction back');
    await go;
    return endTxn.call(this, request);
  };
});
process.once('SIGTERM', () => void relay.close().then(() => store.close()));
let told = '';
setInterval(() => {
  const { state, position } = relay.status();
  const now = `${state} at ${position}.`;
  if (now !== told) say(now);
  told = now;
}, 100).unref();
say('ready');
await relay.run();

function say(text) {
  process.stdout.write(`${new Date().toISOString()} ${INSTANCE} ${text}\n`);
}
