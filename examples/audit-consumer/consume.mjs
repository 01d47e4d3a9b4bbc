// Keeps the audit table. Configuration: KAFKA_BROKERS (host:port, …), KAFKA_TOPIC_PREFIX (hydrant.), AUDIT_FILE (audit.db), AUDIT_GROUP.
import { Kafka, logLevel } from 'kafkajs';
import { AuditTable } from './audit-table.mjs';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',').map((broker) => broker.trim());
const topic = `${process.env.KAFKA_TOPIC_PREFIX ?? 'hydrant.'}consent.v1`;
const table = new AuditTable(process.env.AUDIT_FILE ?? 'audit.db');
const kafka = new Kafka({ clientId: 'audit-consumer', brokers, logLevel: logLevel.WARN, retry: { retries: Infinity } });
const consumer = kafka.consumer({
  groupId: process.env.AUDIT_GROUP ?? 'audit-consumer',
  retry: { retries: 10, restartOnFailure: async () => true },
});

// The table knows best where to read on: the group's offset may be behind it, and is ahead of it when the file was lost.
consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
  for (const partition of memberAssignment[topic] ?? []) {
    consumer.seek({ topic, partition, offset: String(table.nextOffset(topic, partition)) });
  }
});

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
    table.add(topic, batch.partition, batch.messages);
    const next = String(BigInt(batch.lastOffset()) + 1n);
    resolveOffset(batch.lastOffset());
    await consumer.commitOffsets([{ topic, partition: batch.partition, offset: next }]);
    await heartbeat();
  },
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await consumer.disconnect();
    table.close();
  });
}
