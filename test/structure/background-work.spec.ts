import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { everyFile, readText, root } from './pages.js';

/** What fails there as nobody foresaw is a rejection that nobody handles, which ends the process: the second test below. */
const endOfProcess = 'test/structure/background-work.spec.ts';
const ends = 'apps/authority/src/process/background-work.e2e.spec.ts';

/**
 * What goes on beside requests and is awaited by nobody, and where it is tested that its end is seen: in readiness and the log, or as the end
 * of the process.
 */
const backgroundWork: Readonly<Record<string, string>> = {
  'apps/authority/src/commands/machine-tokens.ts: void this.run(': endOfProcess,
  'apps/authority/src/health/storage.ts: setInterval(': 'test/durability/storage-fault.e2e.spec.ts',
  'apps/authority/src/process/house-keeping.ts: setInterval(': ends,
  'apps/authority/src/process/house-keeping.ts: this.running = this.run()': ends,
  'apps/authority/src/retention/retention.ts: setInterval(': 'apps/authority/src/retention/retention.e2e.spec.ts',
  'apps/authority/src/relay/relay-service.ts: this.finished = this.run()': 'test/kafka/topics.e2e.spec.ts',
  'libs/event-store/src/eventstoredb/resuming-subscription.ts: void this.run(':
    'libs/event-store/src/eventstoredb/resuming-subscription.spec.ts',
  'libs/event-store/src/eventstoredb/resuming-subscription.ts: void this.watch(': endOfProcess,
  'libs/fan-out/src/kafkajs/kafka-turns.ts: this.ended = this.stayMember()': endOfProcess,
  'libs/fan-out/src/relay/relay.ts: store.subscribe(': 'libs/fan-out/src/relay/relay.spec.ts',
  'libs/fan-out/src/relay/relay.ts: this.running ??= this.attempts()': 'libs/fan-out/src/relay/relay.spec.ts',
  'libs/read-model/src/engine/read-model.ts: store.subscribe(': ends,
};

const begins =
  /void this\.\w+\(|setInterval\(|[sS]tore\.subscribe\(|this\.\w+ (?:\?\?)?= this\.(?:run|attempts|stayMember|watch)\(\)/g;
const forTests = /spec\.ts$|\/(testing|contract)\/|^libs\/(harness|testing|eventstoredb-double)\//;
const product = everyFile().filter((path) => /^(apps|libs)\/.*\.ts$/.test(path) && !forTests.test(path));

describe('work in the background', () => {
  it('is listed, each with the test that shows its end', () => {
    const found = product.flatMap((path) => [...readText(path).matchAll(begins)].map(([text]) => `${path}: ${text}`));
    expect(found.sort()).toEqual(Object.keys(backgroundWork).sort());
    for (const test of Object.values(backgroundWork))
      expect([test, existsSync(join(root, test))]).toEqual([test, true]);
  });

  it('ends the process when it fails as nobody foresaw', () => {
    const catchAll = /unhandledRejection|uncaughtException/;
    expect(product.filter((path) => catchAll.test(readText(path)))).toEqual([]);
    expect(catchAll.test(readText('bin/hydrant.mjs'))).toBe(false);
  });
});
