import { Clock } from '../commands/clock.js';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { ApplicationLog } from '../http/application-log.js';
import { Metrics } from '../http/metrics.js';
import { openLogForReading, readable } from '../process/open-log.js';
import { instanceName, kafkaOf } from '../relay/kafka-options.js';
import { registerRelayMetrics } from '../relay/relay-metrics.js';
import { RelayService } from '../relay/relay-service.js';
import { listenForRelay } from './relay-listener.js';

/**
 * `hydrant relay run`: publishes the log until SIGTERM or SIGINT, beside any number of authorities and other relays.
 *
 * @throws ConfigurationError with the embedded log, which `serve all` publishes itself
 * @throws RelayRefusedError when somebody has to look before it can go on
 */
export async function runRelay(configuration: Configuration): Promise<void> {
  const kafka = kafkaOf(configuration);
  if (configuration.eventStore.kind === 'sqlite') {
    throw new ConfigurationError(
      'EVENT_STORE is sqlite, which one process owns: with KAFKA_BROKERS "serve all" runs the relay',
    );
  }
  const applicationLog = ApplicationLog.create(configuration.log);
  const { logger } = applicationLog;
  const clock = new Clock();
  const log = await openLogForReading(configuration, { clock, applicationLog });
  const { store, root } = log;
  const { issuer } = configuration;
  const instance = instanceName('relay run');
  const relay = new RelayService({
    alone: false,
    ...{ kafka, issuer, store, instance, applicationLog },
    codec: () => readable(store, root, clock).codec,
    clock: () => clock.now(),
  });
  const { registry } = new Metrics();
  registerRelayMetrics(registry, relay);
  try {
    const listener = await listenForRelay(configuration.relay, relay, registry);
    try {
      logger.info({ url: listener.url, instance }, 'the relay runs');
      closeOnSignals(relay, (signal) => logger.info({ signal }, 'shutting down'));
      await relay.ended;
      logger.info('stopped');
    } finally {
      await listener.close();
    }
  } finally {
    await relay.close();
    await log.close();
  }
}

function closeOnSignals(relay: RelayService, tell: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      tell(signal);
      void relay.close();
    });
  }
}
