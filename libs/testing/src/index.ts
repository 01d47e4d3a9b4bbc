export * from './authority-client.js';
export * from './authority-process.js';
export * from './browser.js';
export * from './decider-spec.js';
export * from './until.js';
