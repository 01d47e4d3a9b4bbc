import { Clock } from '../commands/clock.js';
import { type Configuration, type KafkaConfiguration } from '../config/configuration.js';
import { ApplicationLog } from '../http/application-log.js';
import { type OpenLog, openLogForReading } from '../process/open-log.js';
import { connectionTo, kafkaOf } from '../relay/kafka-options.js';
import { isKafkaError, type KafkaConnection, RelayRefusedError } from '#libs/fan-out';

/** What commands about the relay work with. */
export type RelayLog = OpenLog & {
  readonly kafka: KafkaConfiguration;
  readonly connection: KafkaConnection;
  readonly issuer: string;
};

/** Opens the log for reading, for as long as something is done with it. Errors of Kafka are one line. */
export async function withRelayLog(
  configuration: Configuration,
  act: (opened: RelayLog) => Promise<void>,
): Promise<void> {
  const kafka = kafkaOf(configuration);
  const applicationLog = ApplicationLog.create({ ...configuration.log, level: 'silent' });
  const log = await openLogForReading(configuration, { clock: new Clock(), applicationLog });
  try {
    await act({ ...log, kafka, connection: connectionTo(kafka), issuer: configuration.issuer });
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    throw new RelayRefusedError(`Kafka: ${(error as Error).message}`, { cause: error });
  } finally {
    await log.close();
  }
}
