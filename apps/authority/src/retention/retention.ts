import { type EventLog, type Position, StreamDeletedError, VersionConflictError } from '#libs/event-store';
import {
  type DueCursor,
  type DueQuery,
  type DueStream,
  type OperationalKind,
  type ReadModel,
  countDueStreams,
  findDueGrantsOfTheDead,
  findDueStreams,
  operationalKinds,
} from '#libs/read-model';
import { type CommandBus } from '@nestjs/cqrs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock } from '../commands/clock.js';
import { RecordRetention } from '../commands/retention.commands.js';
import { type Configuration } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { RequestContext } from '../http/request-context.js';

/** Streams deleted at once; on the embedded log they share a commit. */
const chunk = 100;
/** Of its time at most a quarter is spent on deleting. */
const pausePerWork = 3;
const longestPauseMs = 1_000;
const betweenRoundsMs = 60_000;
/** Grants that end with their client or consent are looked for in a pass over all that have not expired, and deletions are recorded. */
const betweenPassesMs = 3_600_000;

/** What is due and not deleted yet; `since`: when the first of it became due. */
export type Backlog = { readonly count: number; readonly since: Date | undefined };

export type RetentionOptions = {
  readonly readModel: ReadModel;
  readonly log: EventLog;
  readonly commands: CommandBus;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly applicationLog: ApplicationLog;
  /** Up to where everybody who follows the log has read it; `undefined`: that is not known just now. Rejects like that too. */
  readonly readUpTo: () => Promise<Position | undefined>;
};

/**
 * Deletes the streams of what is over for long: a round each minute, children first, in small steps. Deleting is repeatable, so several
 * instances may do it at once, and a round that was broken off is taken up by the next one.
 */
export class Retention {
  /** How many streams this process deleted. */
  readonly deleted = counts();
  private readonly unrecorded = counts();
  private recordedAt: Date;
  private passedAt = -Infinity;
  private readonly ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: RetentionOptions) {
    this.recordedAt = options.clock.now();
  }

  start(): void {
    if (!this.options.configuration.retention.enabled) return;
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.round());
    }, betweenRoundsMs).unref();
  }

  /** Resolves when the step that is under way has ended. */
  async stop(): Promise<void> {
    this.ending.abort();
    clearInterval(this.timer);
    await this.running;
  }

  /** What is due now, but for grants whose client or consent is gone. */
  backlog(kind: OperationalKind): Backlog {
    const { readModel } = this.options;
    return countDueStreams(readModel.db, kind, this.query(Number.MAX_SAFE_INTEGER as Position));
  }

  /** Deletes everything that is due. A failure is logged, and the next round goes on there. */
  async round(): Promise<void> {
    const { readModel, applicationLog, readUpTo } = this.options;
    try {
      const upTo = await readUpTo();
      if (upTo === undefined) return;
      await readModel.catchUp();
      for (const kind of operationalKinds) {
        await this.deleteAll(kind, (page) => findDueStreams(readModel.db, kind, { ...this.query(upTo), ...page }));
      }
      if (performance.now() - this.passedAt < betweenPassesMs) return;
      await this.deleteAll('grant', (page) => findDueGrantsOfTheDead(readModel.db, { ...this.query(upTo), ...page }));
      this.passedAt = performance.now();
      await this.record();
    } catch (error) {
      if (!this.ending.signal.aborted) applicationLog.logger.warn({ err: error }, 'retention goes on later');
    }
  }

  private query(upTo: Position): DueQuery {
    const { configuration, clock } = this.options;
    const { retention, ttlMs } = configuration;
    return { now: clock.now(), graceMs: retention.graceMs, requestLifespanMs: ttlMs.loginConsentRequest, upTo };
  }

  private async deleteAll(
    kind: OperationalKind,
    find: (page: { after: DueCursor | undefined; limit: number }) => { due: DueStream[]; next: DueCursor | undefined },
  ): Promise<void> {
    let after: DueCursor | undefined;
    do {
      const startedAt = performance.now();
      const { due, next } = find({ after, limit: chunk });
      await this.delete(kind, due);
      const restMs = Math.min((performance.now() - startedAt) * pausePerWork, longestPauseMs);
      await pause(restMs, undefined, { signal: this.ending.signal });
      after = next;
    } while (after !== undefined);
  }

  private async delete(kind: OperationalKind, due: readonly DueStream[]): Promise<void> {
    const positions = await Promise.all(due.map((stream) => this.deleteOne(stream)));
    const gone = positions.filter((position) => position !== undefined);
    this.deleted[kind] += gone.length;
    this.unrecorded[kind] += gone.length;
    const last = gone.reduce<Position | undefined>(
      (max, one) => (max === undefined || one > max ? one : max),
      undefined,
    );
    if (last !== undefined) await this.options.readModel.waitFor(last);
  }

  /** A stream that goes on is not over; one that another instance deleted is no concern of this one. */
  private async deleteOne({ stream, revision }: DueStream): Promise<Position | undefined> {
    try {
      return await this.options.log.deleteStream(stream, { expectedRevision: revision });
    } catch (error) {
      if (error instanceof VersionConflictError || error instanceof StreamDeletedError) return undefined;
      throw error;
    }
  }

  private async record(): Promise<void> {
    const deleted = Object.fromEntries(Object.entries(this.unrecorded).filter(([, count]) => count > 0));
    const { commands, clock } = this.options;
    const now = clock.now();
    if (Object.keys(deleted).length > 0) {
      const by = new RequestContext('hydrant', { headers: {} });
      await commands.execute(new RecordRetention(deleted, this.recordedAt, by));
      Object.assign(this.unrecorded, counts());
    }
    this.recordedAt = now;
  }
}

function counts(): Record<OperationalKind, number> {
  return { grant: 0, machine: 0, revocation: 0, consent: 0, login: 0, assertion: 0 };
}
