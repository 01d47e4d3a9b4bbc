import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idIn } from '#libs/domain';
import { type EventCodec, MemoryEventStore, type Position, type StoredEvent, streamDeleted } from '#libs/event-store';
import { createQueryIndexes, createTables } from '../engine/checkpoint.js';
import { type ReadModelDatabase, openScratchDatabase } from '../engine/database.js';
import { Projector } from '../engine/projector.js';
import { ReadModel } from '../engine/read-model.js';
import { HistoryWriter, type Step, allRows, cleanUpAll, codecWith, inFolder } from '../projection-spec.js';
import { everyAnswer } from '../spec-answers.js';
import { type Move, Story, moves } from '../spec-history.js';
import { operationalKinds } from './operational-streams.projection.js';
import { type DueStream, findDueGrantsOfTheDead, findDueStreams } from './operational-streams.queries.js';

const periods = { graceMs: 4_000, requestLifespanMs: 6_000 };
const upTo = Number.MAX_SAFE_INTEGER as Position;
const page = { after: undefined, limit: 1_000 };
const loginMarginMs = 3_600_000;

/** What a read model makes of these events. */
async function builtFrom(events: readonly StoredEvent[], codec: EventCodec, file: string): Promise<ReadModelDatabase> {
  const db = openScratchDatabase(file);
  createTables(db);
  await new Projector(db, codec, 7).apply(events);
  createQueryIndexes(db);
  return db;
}

/** A log, and a read model that follows it while what is over is deleted. */
class World {
  /** Whatever was ever in the log: as a store has it that was never scavenged. */
  readonly everything: StoredEvent[] = [];
  readonly deleted = new Set<string>();
  readonly codec = codecWith();
  readonly story: Story;
  live!: ReadModel;
  private readonly store = new MemoryEventStore();
  private readonly writer = new HistoryWriter(this.store, this.codec);

  constructor() {
    this.story = new Story(
      (stream) => this.writer.revisionOf(stream),
      (stream) => this.deleted.has(stream),
    );
  }

  async open(): Promise<void> {
    this.live = await ReadModel.open({ file: ':memory:', store: this.store, codec: this.codec });
    this.live.start();
  }

  async play(move: Move): Promise<void> {
    for (const step of this.story.next(move)) await this.write(step);
    await this.live.catchUp();
    if (move.kind === 'cleanUp') await cleanUpAll(this.live.db, this.story.now);
    if (move.kind === 'retention') await this.applyRetention();
  }

  async close(): Promise<void> {
    await this.live.close();
    await this.store.close();
  }

  /** Nobody can write to a stream that was deleted. */
  private async write(step: Step): Promise<void> {
    await this.writer.write(step).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'StreamDeletedError') throw error;
    });
    if ('deleteStream' in step) this.deleted.add(step.deleteStream);
    await this.remember();
  }

  private async remember(): Promise<void> {
    this.everything.push(...(await this.store.readAll(this.everything.at(-1)?.position, 1_000)));
  }

  private async applyRetention(): Promise<void> {
    const { now } = this.story;
    for (const kind of operationalKinds) {
      const later = new Date(now.getTime() + (kind === 'login' ? loginMarginMs : 0));
      await this.delete(findDueStreams(this.live.db, kind, { ...periods, ...page, upTo, now: later }).due);
    }
    await this.delete(findDueGrantsOfTheDead(this.live.db, { ...periods, ...page, upTo, now }).due);
  }

  private async delete(due: readonly DueStream[]): Promise<void> {
    for (const { stream, revision } of due) {
      await this.store.deleteStream(stream, { expectedRevision: revision });
      this.deleted.add(stream);
    }
    await this.remember();
    await this.live.catchUp();
  }
}

async function agrees({ live, story, codec }: World, events: readonly StoredEvent[], file: string): Promise<void> {
  const rebuilt = await builtFrom(events, codec, file);
  const { now } = story;
  const answers = everyAnswer(rebuilt, now);
  expect({ ...everyAnswer(live.db, now), codes: null }).toEqual({ ...answers, codes: null });
  await cleanUpAll(live.db, now);
  await cleanUpAll(rebuilt, now);
  expect(allRows(live.db)).toEqual(allRows(rebuilt));
  rebuilt.close();
}

/** All that can be alive, and what was decided; a request that was not, nobody can decide any more when it goes. */
function whatMatters(db: ReadModelDatabase, now: Date): object {
  const { logins: _, verifiers: _v, codes: _c, consents, lists, ...rest } = everyAnswer(db, now);
  const nameless = { loginChallenge: '' }; // a login goes long before the consent that came of it
  return {
    ...rest,
    consents: consents
      .filter((one) => one !== undefined && !one.skip && one.status !== 'requested')
      .map((one) => ({ ...one, ...nameless })),
    lists: lists.map((list) =>
      list.map((each) => ({ ...each, consentRequest: { ...each.consentRequest, ...nameless } })),
    ),
  };
}

function onlyWhatIsOperationalWent({ everything, deleted }: World): void {
  for (const stream of deleted) {
    expect(stream).toMatch(/^(login|consent|grant|machine|secret)-/);
    const types = everything.filter((event) => event.stream === stream).map(({ type }) => type);
    if (idIn(stream, 'consent')?.startsWith('consent'))
      expect(types.join()).not.toMatch('ConsentAccepted|ConsentRejected');
  }
}

async function hold(history: readonly Move[], kept: readonly boolean[], folder: string): Promise<number> {
  const world = new World();
  await world.open();
  for (const move of history) await world.play(move);
  const { everything, deleted, live, story, codec } = world;
  onlyWhatIsOperationalWent(world);

  const operational = (stream: string): boolean => !stream.startsWith('secret-');
  const undeleted = everything.filter(({ stream, type }) => !(type === streamDeleted && operational(stream)));
  const control = await builtFrom(undeleted, codec, join(folder, 'control.db'));
  expect(whatMatters(live.db, story.now)).toEqual(whatMatters(control, story.now));
  control.close();

  const gone = ({ stream, type }: StoredEvent): boolean => deleted.has(stream) && type !== streamDeleted;
  const partly = everything.filter((event, index) => !gone(event) || kept[index % kept.length]);
  const scavenged = everything.filter((event) => !gone(event));
  for (const [index, log] of [everything, partly, scavenged].entries())
    await agrees(world, log, join(folder, `${index}.db`));
  await world.close();
  return [...deleted].filter(operational).length;
}

describe('after any history with retention in between', () => {
  it('nothing alive is lost, and no evidence; a read model built later is the same, however much was scavenged', async () => {
    let deleted = 0;
    const kept = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
    const holds = fc.asyncProperty(moves, kept, (history, which) =>
      inFolder(async (folder) => {
        deleted += await hold(history, which, folder);
      }),
    );
    await fc.assert(holds, { numRuns: 60, endOnFailure: true });
    expect(deleted).toBeGreaterThan(60);
  });
});
