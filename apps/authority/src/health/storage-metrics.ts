import { Gauge, type Registry } from 'prom-client';
import { type Storage, storageParts, storageTroubleKinds } from './storage.js';

/** What is wrong with the disk or the store; asked when the metrics are. */
export function registerStorageMetrics(registry: Registry, storage: Storage): void {
  new Gauge({
    name: 'hydrant_storage_fault',
    help: '1 while a part of the storage does not do what it is asked, by part and kind of the fault',
    labelNames: ['part', 'kind'],
    registers: [registry],
    collect() {
      for (const part of storageParts) for (const kind of storageTroubleKinds) this.set({ part, kind }, 0);
      for (const { part, kind } of storage.troubles()) this.set({ part, kind }, 1);
    },
  });
}
