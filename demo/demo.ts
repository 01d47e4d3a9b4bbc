import { startAuthority } from '#libs/harness';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journey } from './journey.js';
import { RecordedEvents } from './recorded-events.js';

/** Starts a fresh authority, plays the journey against it and shows what each step recorded. Exit code 0: every step held. */
const folder = await mkdtemp(join(tmpdir(), 'hydrant-demo-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1); // and the authority with it
  });
}
try {
  process.exitCode = (await play(folder)) ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function play(dataDir: string): Promise<boolean> {
  const server = await startAuthority(dataDir, {
    ...{ URLS_LOGIN: 'http://login.example/', URLS_CONSENT: 'http://consent.example/' },
  });
  const { adminUrl, publicUrl } = server;
  const recorded = new RecordedEvents(join(dataDir, 'events.db'));
  try {
    console.log(`A fresh authority: Admin API ${adminUrl}, OAuth 2.0 and OpenID Connect ${publicUrl}`);
    showEvents(recorded);
    return await playSteps(new Journey({ adminUrl, publicUrl }), recorded);
  } finally {
    recorded.close();
    await server.stop();
  }
}

async function playSteps(journey: Journey, recorded: RecordedEvents): Promise<boolean> {
  const steps = journey.steps();
  for (const [index, step] of steps.entries()) {
    const name = `${String(index + 1).padStart(2)}. ${step.title}`;
    try {
      console.log(`${name}: ${await step.run()}`);
    } catch (error) {
      console.log(`${name}: FAILED, ${error instanceof Error ? error.message : String(error)}`);
      showEvents(recorded);
      return false;
    }
    showEvents(recorded);
  }
  console.log(`All ${steps.length} steps held.`);
  return true;
}

function showEvents(recorded: RecordedEvents): void {
  for (const { type, stream, actor } of recorded.next()) {
    console.log(`      + ${type.padEnd(26)} ${stream.padEnd(54)} by ${actor}`);
  }
}
