import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import shared from '../../jest.config.mjs';

/** The tests that need a real broker: not part of `npm test`. */
export default {
  ...shared,
  rootDir: join(dirname(fileURLToPath(import.meta.url)), '../..'),
  roots: ['<rootDir>/test/kafka'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 180_000,
};
