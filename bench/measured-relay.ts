import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfiguration } from '../apps/authority/src/config/read-configuration.js';
import { ApplicationLog } from '../apps/authority/src/http/application-log.js';
import { kafkaOf } from '../apps/authority/src/relay/kafka-options.js';
import { RelayService } from '../apps/authority/src/relay/relay-service.js';
import { EvidenceWriter, type Step, openFolder } from './evidence.js';
import { ownCpuUs } from './store-rates.js';

/**
 * The relay as it runs inside an authority on the embedded log, without the authority's servers, in a process of its own: what it uses is its
 * own. Started as `measured-relay.js <catch-up | live | paced> <seconds> <file>`; prints a RelayMeasurement, and with `paced` writes to the
 * file when each append was acknowledged.
 */
export type RelayMeasurement = {
  readonly events: number;
  readonly published: number;
  readonly seconds: number;
  readonly cpuUs: number;
  /** The most memory of the process until then. */
  readonly peakMiB: number;
};

/** When an append was acknowledged, in milliseconds of the clock that all processes of the machine share. */
export type Acknowledgement = readonly [eventId: string, atMs: number];

const [mode = '', seconds = '0', file = ''] = process.argv.slice(2);
/** A broker that was just started is slow for as long. */
const warmUpSeconds = 5;
/** How many events may wait to be published while more are appended as fast as that allows. */
const mostWaiting = 2_000;
const pacedPerSecond = 1_000;
const openJourneys = 64;

const folder = await openFolder(process.env);
const { configuration } = readConfiguration(process.env);
const relay = new RelayService({
  ...{ kafka: kafkaOf(configuration), issuer: configuration.issuer, store: folder.store },
  codec: () => folder.codec,
  ...{ instance: 'bench', alone: true, clock: () => folder.clock.now() },
  applicationLog: ApplicationLog.create(configuration.log),
});
const failed = relay.ended.then(() => Promise.reject(new Error('the relay has ended')));
const measurement = await Promise.race([measured(), failed]);
failed.catch(() => undefined);
await relay.close();
await folder.close();
console.log(JSON.stringify(measurement));

async function measured(): Promise<RelayMeasurement> {
  while (relay.status()?.state !== 'publishing') await pause(1);
  if (mode === 'catch-up') return during(caughtUp);
  const writer = new EvidenceWriter(folder);
  if (mode === 'live') return whileAppending(writer);
  return during(() => appendPaced(writer));
}

/** What a stretch of work took. */
async function during(work: () => Promise<void>): Promise<RelayMeasurement> {
  const before = { at: performance.now(), cpuUs: ownCpuUs(), ...progress() };
  await work();
  const { position, published } = progress();
  return {
    events: position - before.position,
    published: published - before.published,
    seconds: (performance.now() - before.at) / 1_000,
    cpuUs: ownCpuUs() - before.cpuUs,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
  };
}

/** Positions of an embedded log are numbers of events where no stream was deleted. */
function progress(): { position: number; published: number } {
  const { position = 0, published = {} } = relay.status() ?? {};
  return { position, published: Object.values(published).reduce((sum, count) => sum + count, 0) };
}

async function caughtUp(): Promise<void> {
  const head = (await folder.store.head()) ?? 0;
  while (progress().position < head) await pause(2);
}

/** Appends go on, and wait while too many events do. */
async function whileAppending(writer: EvidenceWriter): Promise<RelayMeasurement> {
  let over = false;
  const lane = async (): Promise<void> => {
    while (!over) {
      for (const step of writer.nextJourney()) {
        while (((await folder.store.head()) ?? 0) - progress().position > mostWaiting) await pause(2);
        await writer.append(step);
      }
    }
  };
  const lanes = Array.from({ length: openJourneys }, lane);
  await pause(warmUpSeconds * 1_000);
  const result = await during(() => pause(Number(seconds) * 1_000));
  over = true;
  await Promise.all(lanes);
  return result;
}

/** Appends as many events a second whatever becomes of them; those of a journey follow one another. */
async function appendPaced(writer: EvidenceWriter): Promise<void> {
  const acknowledged: Acknowledgement[] = [];
  const journeys = Array.from({ length: openJourneys }, () => ({ steps: [] as Step[], appended: Promise.resolve() }));
  const startedAt = performance.now();
  const total = pacedPerSecond * (Number(seconds) + warmUpSeconds);
  for (let begun = 0; begun < total; await pause(1)) {
    for (; begun < ((performance.now() - startedAt) * pacedPerSecond) / 1_000; begun += 1) {
      const journey = journeys[begun % openJourneys]!;
      if (journey.steps.length === 0) journey.steps = writer.nextJourney();
      const step = journey.steps.shift()!;
      const counts = begun >= pacedPerSecond * warmUpSeconds;
      journey.appended = journey.appended.then(async () => {
        const { id } = await writer.append(step);
        if (counts) acknowledged.push([id, Number(process.hrtime.bigint()) / 1e6]);
      });
    }
  }
  await Promise.all(journeys.map(({ appended }) => appended));
  await caughtUp();
  writeFileSync(file, JSON.stringify(acknowledged));
}
