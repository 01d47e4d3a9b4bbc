export * from './authority-client.js';
export * from './authority-process.js';
export * from './browser.js';
export * from './documented-answers.js';
export * from './documented-proxy.js';
export * from './until.js';
