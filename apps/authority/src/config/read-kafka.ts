import { type KafkaConfiguration } from './configuration.js';
import { type Environment, refuse } from './environment.js';
import { type DefaultedName } from './variables.js';

const broker = /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i;

/** What is said about Kafka; undefined when no broker is named. @throws ConfigurationError */
export function readKafka(env: Environment): KafkaConfiguration | undefined {
  const brokers = env.list('KAFKA_BROKERS');
  if (!brokers.every((each) => broker.test(each))) throw refuse('KAFKA_BROKERS', 'must list brokers as host:port');
  const kafka: KafkaConfiguration = {
    brokers,
    clientId: env.text('KAFKA_CLIENT_ID'),
    topicPrefix: readPrefix(env),
    subjects: env.oneOf('KAFKA_SUBJECTS'),
    tokenEvents: env.oneOf('KAFKA_TOKEN_EVENTS'),
    partitions: count(env, 'KAFKA_PARTITIONS', 10_000),
    replication: count(env, 'KAFKA_REPLICATION', 100),
    retentionMs: env.durationMs('KAFKA_RETENTION') ?? -1,
    start: env.oneOf('KAFKA_START'),
    tls: readTls(env),
    sasl: readSasl(env),
  };
  return brokers.length === 0 ? undefined : kafka;
}

/** Kafka's topics have letters, digits, dots, underscores and hyphens, 249 characters at the most. */
function readPrefix(env: Environment): string {
  const prefix = env.text('KAFKA_TOPIC_PREFIX');
  if (!/^[\w.-]{0,200}$/.test(prefix)) {
    throw refuse('KAFKA_TOPIC_PREFIX', 'must have letters, digits, dots, underscores and hyphens only, at most 200');
  }
  return prefix;
}

function count(env: Environment, name: DefaultedName, most: number): number {
  const text = env.text(name);
  if (!/^[1-9]\d{0,5}$/.test(text) || Number(text) > most) throw refuse(name, `must be a number from 1 to ${most}`);
  return Number(text);
}

function readTls(env: Environment): KafkaConfiguration['tls'] {
  const [ca, cert, key] = (['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'] as const).map((name) =>
    env.fileText(name),
  );
  if ((cert === undefined) !== (key === undefined)) {
    throw refuse('KAFKA_TLS_CERT_FILE', 'and KAFKA_TLS_KEY_FILE belong together');
  }
  if (env.flag('KAFKA_TLS')) {
    return { ...(ca !== undefined && { ca }), ...(cert !== undefined && key !== undefined && { cert, key }) };
  }
  if (ca !== undefined || cert !== undefined) throw refuse('KAFKA_TLS', 'must be true where certificates are given');
  return undefined;
}

function readSasl(env: Environment): KafkaConfiguration['sasl'] {
  const mechanism = env.oneOf('KAFKA_SASL_MECHANISM');
  const username = env.text('KAFKA_SASL_USERNAME');
  const given = env.text('KAFKA_SASL_PASSWORD');
  const filed = env.fileText('KAFKA_SASL_PASSWORD_FILE')?.replace(/\r?\n$/, '');
  if (given !== undefined && filed !== undefined) {
    throw refuse('KAFKA_SASL_PASSWORD', 'and KAFKA_SASL_PASSWORD_FILE exclude each other');
  }
  const password = given ?? filed;
  if (mechanism === 'none') {
    if (username !== undefined || password !== undefined) {
      throw refuse('KAFKA_SASL_MECHANISM', 'must be set where there is a user or a password');
    }
    return undefined;
  }
  if (username === undefined) throw refuse('KAFKA_SASL_USERNAME', `must be set with ${mechanism}`);
  if (password === undefined) throw refuse('KAFKA_SASL_PASSWORD', `must be set with ${mechanism}`);
  return { mechanism, username, password };
}
