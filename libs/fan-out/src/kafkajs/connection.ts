import { type Admin, type Kafka as KafkaClient, type KafkaConfig } from 'kafkajs';
import { Kafka, logLevel } from './library.js';

/** Where Kafka is and how to be let in. `requestTimeoutMs` bounds every request, `connectTimeoutMs` every connection. */
export type KafkaConnectionOptions = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly requestTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
};

/**
 * Makes clients that share nothing, and that retry nothing themselves: what to do after an error is the caller's decision.
 *
 * Each begins with the next broker of the list, so that one which does not answer costs no more than one attempt. They keep no log: what
 * goes wrong reaches the caller as an error.
 */
export class KafkaConnection {
  private made = 0;

  constructor(private readonly options: KafkaConnectionOptions) {}

  client(): KafkaClient {
    const { brokers, clientId, tls, sasl, requestTimeoutMs = 10_000, connectTimeoutMs = 3_000 } = this.options;
    const first = this.made % brokers.length;
    this.made += 1;
    return new Kafka({
      brokers: [...brokers.slice(first), ...brokers.slice(0, first)],
      clientId,
      ...(tls !== undefined && { ssl: { ...tls } }),
      ...(sasl !== undefined && { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
      requestTimeout: requestTimeoutMs,
      connectionTimeout: connectTimeoutMs,
      authenticationTimeout: requestTimeoutMs,
      retry: { retries: 0 },
      logLevel: logLevel.NOTHING,
    });
  }

  /** Does something with an administrative client of its own. */
  async asAdmin<Result>(act: (admin: Admin) => Promise<Result>, retries = 0): Promise<Result> {
    const admin = this.client().admin({ retry: { retries } });
    try {
      await admin.connect();
      return await act(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

/** Whether something went wrong with Kafka, and not with us. */
export function isKafkaError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

/** The name Kafka has for an error (`CONCURRENT_TRANSACTIONS`), wherever the library has wrapped it; undefined for other errors. */
export function kafkaErrorType(error: unknown): string | undefined {
  for (let at = error; at instanceof Object; at = (at as { cause?: unknown }).cause) {
    const { type, code } = at as { type?: unknown; code?: unknown };
    if (code === producerFenced) return 'PRODUCER_FENCED'; // a code that the library has no name for
    if (typeof type === 'string') return type;
  }
  return undefined;
}

const producerFenced = 90;
