import { readFileSync } from 'node:fs';

/** The class path of Kafka's broker and Java clients, as `npm run test:kafka` found it. */
export function kafkaClassPath(): string {
  const file = process.env.KAFKA_CLASSPATH_FILE;
  if (file === undefined) throw new Error('run these tests with `npm run test:kafka`');
  return readFileSync(file, 'utf8').trim();
}
