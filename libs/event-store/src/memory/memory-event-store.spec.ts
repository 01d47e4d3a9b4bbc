import { eventStoreContract } from '../contract/contract.js';
import { FaultyEventStore } from '../contract/faulty-event-store.js';
import { MemoryEventStore } from './memory-event-store.js';

eventStoreContract('MemoryEventStore', async () => {
  const store = new MemoryEventStore();
  return { store, close: () => store.close() };
});

eventStoreContract('FaultyEventStore without a fault', async () => {
  const store = new FaultyEventStore(new MemoryEventStore());
  return { store, close: () => store.close() };
});
