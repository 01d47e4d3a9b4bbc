// Keeps the audit table. Configuration: KAFKA_BROKERS (host:port, …), KAFKA_TOPIC_PREFIX (hydrant.), KAFKA_TLS (true), KAFKA_SASL_MECHANISM,
// KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, AUDIT_FILE (audit.db), AUDIT_GROUP (audit-consumer).
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { AuditTable } from './audit-table.mjs';

const { env } = process;
const topic = `${env.KAFKA_TOPIC_PREFIX ?? 'hydrant.'}consent.v1`;
const table = new AuditTable(env.AUDIT_FILE ?? 'audit.db');
const kafka = new Kafka({
  clientId: 'audit-consumer',
  brokers: (env.KAFKA_BROKERS ?? 'localhost:9092').split(',').map((broker) => broker.trim()),
  ssl: env.KAFKA_TLS === 'true',
  ...(env.KAFKA_SASL_MECHANISM && {
    sasl: {
      mechanism: env.KAFKA_SASL_MECHANISM,
      username: env.KAFKA_SASL_USERNAME,
      password: env.KAFKA_SASL_PASSWORD,
    },
  }),
  logLevel: logLevel.WARN,
  retry: { retries: Infinity, maxRetryTime: 5_000 },
});
const consumer = kafka.consumer({
  groupId: env.AUDIT_GROUP ?? 'audit-consumer',
  sessionTimeout: 6_000, // for so long the partitions of one that was killed wait for the next
  heartbeatInterval: 2_000,
  maxWaitTimeInMs: 1_000,
  retry: { retries: 10 },
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(0));

// The table knows best where to read on: the group's offset may be behind it, and is ahead of it when the file was lost.
consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
  for (const partition of memberAssignment[topic] ?? []) {
    consumer.seek({ topic, partition, offset: String(table.nextOffset(topic, partition)) });
  }
});
// What trying again does not mend is for whoever watches this process.
consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (restart) return;
  console.error(error);
  void end(1);
});

console.log(`${topic}: waiting for Kafka, and for the topic`);
for (const ends of await endsOfPartitions()) table.compare(topic, ends);
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
    if (!isRunning() || isStale()) return; // of an assignment that is over
    const { partition } = batch;
    table.add(topic, partition, batch.messages);
    resolveOffset(batch.lastOffset());
    await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(batch.lastOffset()) + 1n) }]);
    await heartbeat();
  },
});
console.log(`${topic}: keeping the table`);

/** Asked again where the topic was made a moment ago, and nobody leads its partitions yet. */
async function endsOfPartitions() {
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (;;) {
      const ends = await admin.fetchTopicOffsets(topic).catch((error) => {
        if (error.retriable !== true) throw error;
      });
      if (ends !== undefined) return ends;
      await pause(1_000);
    }
  } finally {
    await admin.disconnect();
  }
}

/** Wherever it ends, nothing is lost: so a broker that does not answer is not waited for. */
async function end(code) {
  setTimeout(() => process.exit(code), 10_000);
  await consumer.disconnect().catch(() => undefined);
  table.close();
  process.exit(code);
}
