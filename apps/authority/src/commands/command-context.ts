import { type Decider, type DomainEvent } from '#libs/domain';
import { type AppendOptions, type Committed, EventLog, type Position, decideAndAppend } from '#libs/event-store';
import { ReadModel, ReadModelBehindError } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { type RequestContext } from '../http/request-context.js';
import { Clock } from './clock.js';

/** What every command handler needs: the log to append to, the read model to wait for, the time. */
@Injectable()
export class CommandContext {
  constructor(
    readonly log: EventLog,
    readonly readModel: ReadModel,
    private readonly clock: Clock,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  /**
   * Decides and appends, then waits until this instance's read model shows it. When that takes too long the command has
   * succeeded all the same; readiness tells about the read model (design: what is committed is answered as such).
   *
   * @throws DomainError and the errors of `decideAndAppend`
   */
  async commit<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    command: Command,
    by: RequestContext,
    options?: AppendOptions<State>,
  ): Promise<Committed<State, Event>> {
    const committed = await this.append(decider, id, command, by, options);
    if (committed.position !== undefined) await this.applied(committed.position);
    return committed;
  }

  /** As `commit`, without waiting: for the streams a command writes before its last one. */
  async append<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    command: Command,
    by: RequestContext,
    options?: AppendOptions<State>,
  ): Promise<Committed<State, Event>> {
    const committed = await decideAndAppend(this.log, decider, id, command, by, options);
    if (committed.position !== undefined) by.position = committed.position;
    return committed;
  }

  private async applied(position: Position): Promise<void> {
    try {
      await this.readModel.waitFor(position);
    } catch (error) {
      if (!(error instanceof ReadModelBehindError)) throw error;
    }
  }
}
