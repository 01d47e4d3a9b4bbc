import { RootKey, uuidV4 } from '#libs/crypto';
import { type Decider, type DomainEvent } from '#libs/domain';
import {
  type AppendOptions,
  type CommandFor,
  type Committed,
  EventLog,
  type Position,
  decideAndAppend,
  findRepeat,
} from '#libs/event-store';
import { ReadModel, ReadModelBehindError } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { type RequestContext } from '../http/request-context.js';
import { Clock } from './clock.js';

/**
 * What a command did, and whether this instance's read model shows it. Where it does not (yet), a row that is missing there says nothing
 * about what was committed.
 */
export type Applied<State, Event> = Committed<State, Event> & { readonly applied: boolean };

/** What every command handler needs: the log to append to, the read model to wait for, the time. */
@Injectable()
export class CommandContext {
  constructor(
    readonly log: EventLog,
    readonly readModel: ReadModel,
    private readonly clock: Clock,
    private readonly root: RootKey,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  /**
   * Decides and appends, then waits until this instance's read model shows it. When that takes too long the command has
   * succeeded all the same; readiness tells about the read model (architecture.md: write path).
   *
   * @throws DomainError and the errors of `decideAndAppend`
   */
  async commit<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    command: CommandFor<Command>,
    by: RequestContext,
    options?: AppendOptions<State>,
  ): Promise<Applied<State, Event>> {
    const committed = await this.append(decider, id, command, by, options);
    return { ...committed, applied: committed.position === undefined || (await this.applied(committed.position)) };
  }

  /** As `commit`, without waiting: for the streams a command writes before its last one. */
  async append<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    command: CommandFor<Command>,
    by: RequestContext,
    options?: AppendOptions<State>,
  ): Promise<Committed<State, Event>> {
    const committed = await decideAndAppend(this.log, decider, id, command, by, options);
    if (committed.position !== undefined) by.position = committed.position;
    return committed;
  }

  /** A new id for what the request makes; with an `Idempotency-Key` the one that belongs to it. */
  newId({ idempotency }: RequestContext): string {
    return idempotency === undefined ? uuidV4() : this.root.derivedUuid(idempotency.keyHash);
  }

  /**
   * Carries out a request, or finds what it did when it came before with the same `Idempotency-Key`, on whatever instance. On this one
   * requests with the same key take turns; a repeat that overtakes the first one elsewhere is found by `commit`, which is to be given
   * the request's `idempotency`.
   *
   * @throws IdempotencyKeyReusedError and the errors of `findRepeat` and `carryOut`
   */
  async once<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    by: RequestContext,
    carryOut: () => Promise<Committed<State, Event>>,
  ): Promise<Committed<State, Event>> {
    const { idempotency } = by;
    if (idempotency === undefined) return carryOut();
    return this.log.queues.run(`Idempotency-Key ${idempotency.keyHash}`, this.log.retryTimeoutMs, async () => {
      const repeat = await findRepeat(this.log, decider, id, idempotency);
      if (repeat?.position === undefined) return carryOut();
      by.position = repeat.position;
      await this.applied(repeat.position);
      return repeat;
    });
  }

  private async applied(position: Position): Promise<boolean> {
    try {
      await this.readModel.waitFor(position);
      return true;
    } catch (error) {
      if (error instanceof ReadModelBehindError) return false;
      throw error;
    }
  }
}
