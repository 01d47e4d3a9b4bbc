export * from './authority-client.js';
export * from './authority-process.js';
export * from './browser.js';
export * from './decider-spec.js';
export * from './documented-answers.js';
export * from './documented-proxy.js';
export type { EventStoreDbDouble } from './eventstoredb-double/eventstoredb-double.js';
export { startEventStoreDbDouble } from './eventstoredb-double/start.js';
export * from './until.js';
