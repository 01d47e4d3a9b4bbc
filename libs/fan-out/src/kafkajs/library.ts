import { createRequire } from 'node:module';
import type * as Library from 'kafkajs';
import './compression.js';
import './encoder.js';

const library = createRequire(import.meta.url)('kafkajs') as typeof Library;

/** The values that kafkajs exports: an `import` finds only some of them, since Node does not see through how it lists them. */
export const { AssignerProtocol, CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners } = library;
