import { describe } from '@jest/globals';
import { KafkaCluster } from '#libs/harness';

/** For tests that need brokers of their own: skipped when KAFKA_BROKERS says which to use. */
export const describeOwnBrokers = givenBrokers().length === 0 ? describe : describe.skip;

/** A cluster for tests that do it no harm: the one that KAFKA_BROKERS names, else one of their own. */
export async function someCluster(): Promise<Pick<KafkaCluster, 'addresses' | 'stop'>> {
  const addresses = givenBrokers();
  return addresses.length === 0 ? KafkaCluster.start() : { addresses, stop: async () => undefined };
}

function givenBrokers(): string[] {
  return (process.env.KAFKA_BROKERS ?? '').split(',').filter((address) => address !== '');
}
