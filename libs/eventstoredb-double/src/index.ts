export type { EventStoreDbDouble } from './eventstoredb-double.js';
export { startEventStoreDbDouble } from './start.js';
