import { Counter, Gauge, type Registry } from 'prom-client';
import { type RelayService } from './relay-service.js';

/** How far the relay is, for Prometheus; asked when the metrics are. What it does not know is NaN: zero would say that all is well. */
export function registerRelayMetrics(registry: Registry, relay: RelayService): void {
  const registers = [registry];
  new Gauge({
    name: 'hydrant_relay_lag_seconds',
    help: 'Age of the oldest event that is not published yet',
    registers,
    async collect() {
      this.set((await relay.lag())?.seconds ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'hydrant_relay_lag_events',
    help: 'Events of the log that are not published yet; an estimate beyond the first hundreds',
    registers,
    async collect() {
      this.set((await relay.lag())?.events ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'hydrant_relay_position',
    help: 'Position in the log up to which this relay knows everything to be published',
    registers,
    collect() {
      this.set(relay.status()?.position ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'hydrant_relay_active',
    help: '1 while this relay publishes; 0 while it stands by, starts, waits for Kafka, or has stopped',
    registers,
    collect() {
      this.set(relay.status()?.state === 'publishing' ? 1 : 0);
    },
  });
  new Counter({
    name: 'hydrant_relay_published_total',
    help: 'Records that this relay published',
    labelNames: ['topic'],
    registers,
    collect() {
      this.reset();
      for (const [topic, count] of Object.entries(relay.status()?.published ?? {})) this.inc({ topic }, count);
    },
  });
}
