import { randomHex, uuidV7 } from '#libs/crypto';
import { type DomainEvent, noRevision, type TokensIssued, consent, grant, login, machine } from '#libs/domain';
import { EventLog } from '#libs/event-store';
import { rebuildReadModel } from '#libs/read-model';
import { readConfiguration } from '../apps/authority/src/config/read-configuration.js';
import { ApplicationLog } from '../apps/authority/src/http/application-log.js';
import { type DataFolder, openDataFolder } from '../apps/authority/src/process/open-authority.js';
import { type TakenJourney } from './code-journey.js';
import { ownCpuUs } from './store-rates.js';

export type Replay = { readonly events: number; readonly seconds: number; readonly cpuSeconds: number };

const by = { actor: 'bench', correlationId: 'bench' };
const eventsPerAppend = 500;

/** Rebuilds the read model from a log of client_credentials tokens of one client. */
export async function replayMachineTokens(dataDir: string, count: number): Promise<Replay> {
  const folder = await openFolder({ DATA_DIR: dataDir });
  try {
    const log = logOf(folder);
    const stream = machine.streamOf(randomHex(16));
    for (let revision = noRevision; revision + 1 < count; revision += eventsPerAppend) {
      const events = Array.from({ length: eventsPerAppend }, machineToken);
      const encoded = await log.encode(events, { stream, scope: log.newCommand(), by });
      await folder.store.append(stream, encoded, { expectedRevision: revision });
    }
    return await replay(folder);
  } finally {
    await folder.close();
  }
}

/** Rebuilds the read model from the log of an authority that has stopped, made longer with copies of a journey if it is short. */
export async function replayHistory(dataDir: string, atLeast: number, journey: TakenJourney): Promise<Replay> {
  const folder = await openFolder({ DATA_DIR: dataDir });
  try {
    const written = (await folder.store.head()) ?? 0; // row ids of a local log without deletions: as many as events
    await copyJourneys(folder, journey, atLeast - written);
    return await replay(folder);
  } finally {
    await folder.close();
  }
}

/** Rebuilds the read model from the whole log of the store that the settings of an authority name. */
export async function rebuild(env: Readonly<Record<string, string>>): Promise<Replay> {
  const folder = await openFolder(env);
  try {
    return await replay(folder);
  } finally {
    await folder.close();
  }
}

/** Times what tells at its end how many events it went through. */
export async function timed(task: () => Promise<number>): Promise<Replay> {
  const startedAt = performance.now();
  const cpuBefore = ownCpuUs();
  const events = await task();
  return { events, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (ownCpuUs() - cpuBefore) / 1e6 };
}

function openFolder(env: Readonly<Record<string, string>>): Promise<DataFolder> {
  const { configuration } = readConfiguration(env);
  return openDataFolder(configuration, { applicationLog: ApplicationLog.create(configuration.log) });
}

function logOf({ store, codec, clock }: DataFolder): EventLog {
  return new EventLog({ store, codec, clock: () => clock.now(), newId: uuidV7 });
}

function replay({ store, codec, readModelFile }: DataFolder): Promise<Replay> {
  return timed(async () => (await rebuildReadModel({ file: readModelFile, store, codec })).events);
}

function machineToken(): TokensIssued {
  const now = new Date();
  return {
    type: 'TokensIssued',
    data: {
      ...{ grantId: uuidV7(now), clientId: 'bench', clientIncarnation: 0, consentChallenge: null },
      ...{ scope: ['photos'], audience: [], grantType: 'client_credentials', issuedAt: now.toISOString() },
      ...{ accessTokenHash: randomHex(22), accessTokenExpiresAt: new Date(now.getTime() + 3_600_000).toISOString() },
      ...{ refreshTokenHash: null, refreshTokenExpiresAt: null },
    },
  };
}

/** Writes a journey's own streams again under new ids, sealed anew. */
async function copyJourneys(
  folder: DataFolder,
  { loginId, consentChallenge }: TakenJourney,
  events: number,
): Promise<void> {
  const log = logOf(folder);
  const names = [login.streamOf(loginId), consent.streamOf(consentChallenge), grant.streamOf(consentChallenge)];
  const streams = await Promise.all(names.map((name) => read(folder, name)));
  let missing = events;
  const lane = async (): Promise<void> => {
    while (missing > 0) {
      missing -= streams.flat().length;
      const fresh = new FreshIds();
      const scope = log.newCommand();
      for (const [index, stream] of streams.entries()) {
        const copy = fresh.copyName(names[index] ?? '');
        const encoded = await log.encode(fresh.copy(stream), { stream: copy, scope, by });
        await folder.store.append(copy, encoded, { expectedRevision: noRevision });
      }
    }
  };
  await Promise.all(Array.from({ length: 50 }, lane));
}

async function read({ store, codec }: DataFolder, name: string): Promise<DomainEvent[]> {
  const stored = await store.readStream(name);
  return Promise.all(stored.map(async (event) => (await codec.decode(event)).event));
}

/** Ids of one journey, each replaced by a new one wherever it stands. */
class FreshIds {
  private readonly ids = new Map<string, string>();

  copy(events: readonly DomainEvent[]): DomainEvent[] {
    const rename = (member: string, value: unknown): unknown =>
      typeof value === 'string' && /(?:^c|C)hallenge$|^grantId$|Hash$/.test(member) && member !== 'subjectHash'
        ? this.fresh(value)
        : value;
    return JSON.parse(JSON.stringify(events), rename) as DomainEvent[];
  }

  copyName(stream: string): string {
    const dash = stream.indexOf('-') + 1;
    return stream.slice(0, dash) + this.fresh(stream.slice(dash));
  }

  private fresh(id: string): string {
    const known = this.ids.get(id) ?? randomHex(Math.ceil(id.length / 2)).slice(0, id.length);
    this.ids.set(id, known);
    return known;
  }
}
