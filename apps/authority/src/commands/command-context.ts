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

/** What a command writes to one stream, and who asks for it. `scope`: of a command that writes several streams. */
type Write<Command, State> = Pick<AppendOptions<State>, 'ifMatch' | 'scope'> & {
  readonly command: CommandFor<Command>;
  readonly by: RequestContext;
};

/** Whether what was committed is alive, asked once this instance's read model shows it; and what refuses where it was born dead. */
export type Liveness<Event> = {
  readonly isAlive: (events: readonly Event[]) => boolean;
  readonly refusal: () => Error;
};

/** `alsoBy`: other requests that are carried out by the same events. */
type Commit<Command, State, Event> = Write<Command, State> & {
  readonly liveness?: Liveness<Event>;
  readonly alsoBy?: readonly RequestContext[];
};

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
   * The last write of a command: decides and appends, then waits until this instance's read model shows it, and looks whether what was
   * committed is alive. When the read model takes too long the command has succeeded all the same; readiness tells about the read model
   * (architecture.md: write path). A request with an `Idempotency-Key` that did this before is not decided again:
   * whoever commits honours the key.
   *
   * @throws DomainError and the errors of `decideAndAppend`; what `liveness` refuses with
   */
  async commit<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    write: Commit<Command, State, Event>,
  ): Promise<Applied<State, Event>> {
    const { command, by, liveness, alsoBy = [], ...conditions } = write;
    const { idempotency } = by;
    const committed = await decideAndAppend(this.log, { decider, id, command, by, idempotency, ...conditions });
    record(committed, by, ...alsoBy);
    const applied = committed.position === undefined || (await this.applied(committed.position));
    if (liveness !== undefined) refuseDead({ ...committed, applied }, liveness);
    return { ...committed, applied };
  }

  /** A stream that a command writes before its last one, which is committed: without waiting. */
  async append<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    id: string,
    { command, by, ...options }: Write<Command, State>,
  ): Promise<Committed<State, Event>> {
    const committed = await decideAndAppend(this.log, { decider, id, command, by, ...options });
    record(committed, by);
    return committed;
  }

  /** A new id for what the request makes; with an `Idempotency-Key` the one that belongs to it. */
  newId({ idempotency }: RequestContext): string {
    return idempotency === undefined ? uuidV4() : this.root.derivedUuid(idempotency.keyHash);
  }

  /**
   * Carries out a request, or finds what it did when it came before with the same `Idempotency-Key`, on whatever instance. On this one
   * requests with the same key take turns; a repeat that overtakes the first one elsewhere is found by `commit`.
   *
   * @throws IdempotencyKeyReusedError and the errors of `findRepeat` and `carryOut`
   */
  async once<Command, State, Event extends DomainEvent>(
    { decider, id, by }: { decider: Decider<Command, State, Event>; id: string; by: RequestContext },
    carryOut: () => Promise<Committed<State, Event>>,
  ): Promise<Committed<State, Event>> {
    const { idempotency } = by;
    if (idempotency === undefined) return carryOut();
    return this.log.queues.run(`Idempotency-Key ${idempotency.keyHash}`, this.log.retryTimeoutMs, async () => {
      const repeat = await findRepeat(this.log, { decider, id, idempotency });
      if (repeat?.position === undefined) return carryOut();
      record(repeat, by);
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

/**
 * What was born dead is refused; of what this instance's read model does not show yet nothing is known, so it is not.
 *
 * @throws what `refusal` makes
 */
export function refuseDead<Event>(
  { applied, events }: Pick<Applied<unknown, Event>, 'applied' | 'events'>,
  { isAlive, refusal }: Liveness<Event>,
): void {
  if (applied && !isAlive(events)) throw refusal();
}

/** How far the log went for these requests: their answers say so, whether they succeed or fail later on (`Hydrant-Position`). */
function record({ position }: Committed<unknown, unknown>, ...requests: readonly RequestContext[]): void {
  if (position === undefined) return;
  for (const request of requests) request.position = position;
}
