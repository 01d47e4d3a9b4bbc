import { operationalKinds } from '#libs/read-model';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Retention } from './retention.js';

/** What is over and still there, and what was deleted; asked when the metrics are. */
export function registerRetentionMetrics(registry: Registry, retention: Retention, now: () => Date): void {
  const registers = [registry];
  const labelNames = ['kind'] as const;
  const oldest = new Gauge({
    name: 'hydrant_retention_oldest_due_seconds',
    help: 'For how long the first of them has been due; 0 when nothing is',
    ...{ labelNames, registers: [] },
  });
  new Gauge({
    name: 'hydrant_retention_due_streams',
    help: 'Streams of what is over for longer than RETENTION_GRACE and not deleted yet, by kind',
    ...{ labelNames, registers },
    collect() {
      for (const kind of operationalKinds) {
        const { count, since } = retention.backlog(kind);
        this.set({ kind }, count);
        oldest.set({ kind }, since === undefined ? 0 : (now().getTime() - since.getTime()) / 1000);
      }
    },
  });
  registry.registerMetric(oldest); // behind the one that finds out
  new Counter({
    name: 'hydrant_retention_deleted_streams_total',
    help: 'Streams that this process deleted since it started, by kind',
    ...{ labelNames, registers },
    collect() {
      this.reset();
      for (const kind of operationalKinds) this.inc({ kind }, retention.deleted[kind]);
    },
  });
}
