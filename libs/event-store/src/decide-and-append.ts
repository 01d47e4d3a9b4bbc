import { type Decider, type DomainEvent } from '#libs/domain';
import { type Attribution, type Idempotency } from './codec/event-metadata.js';
import { type CommandScope } from './command-scope.js';
import { type Committed } from './committed.js';
import { OutcomeUnknownError, PreconditionFailedError, UnavailableError, VersionConflictError } from './errors.js';
import { eventLength } from './event-length.js';
import { type EventLog, type Folded } from './event-log.js';
import { foldSeekingRepeat } from './repeat.js';
import { pauseBeforeRetry } from './retry-pause.js';
import { settleAppend } from './settle-append.js';

/** A command on the stream of the aggregate with this id. */
export type Change<C, S, E extends DomainEvent> = AppendOptions<S> & {
  decider: Decider<C, S, E>;
  id: string;
  command: CommandFor<C>;
  by: Attribution;
};

/**
 * `ifMatch` is asked about the state a decision is based on; `scope` makes this one part of a command that writes several streams;
 * with `idempotency` a command that the stream has events of is not decided again.
 */
export type AppendOptions<State> = {
  ifMatch?: (state: State, revision: number) => boolean;
  scope?: CommandScope;
  idempotency?: Idempotency | undefined;
};

/** Made anew where the command gets another id, for data that derives from it. */
export type CommandFor<C> = C | ((commandId: string) => C);

type Run<C, S, E extends DomainEvent> = {
  readonly log: EventLog;
  readonly decider: Decider<C, S, E>;
  readonly stream: string;
  readonly command: CommandFor<C>;
  readonly by: Attribution;
  readonly ifMatch: ((state: S, revision: number) => boolean) | undefined;
  readonly scope: CommandScope;
  readonly idempotency: Idempotency | undefined;
  readonly deadline: number;
  readonly giveUp: (reason: Error) => void;
};

/**
 * Folds the aggregate's stream, decides, and appends the events at the revision the decision is based on.
 *
 * Commands on one stream wait for each other. After a version conflict the stream is read and decided again, with jitter, for at most
 * `retryTimeoutMs` in all. A refusal (`DomainError`, precondition, nothing to change) is never based on a remembered state alone.
 * When the outcome of an append is unknown, the same bytes are sent again until it is known, if need be after the caller was answered.
 *
 * @throws DomainError what `decide` refuses
 * @throws PreconditionFailedError `ifMatch` is false for the state as it is now
 * @throws IdempotencyKeyReusedError the key of `idempotency` belongs to an earlier request with another body
 * @throws UnavailableError nothing was stored: no success within `retryTimeoutMs`, or the store is away
 * @throws OutcomeUnknownError not known within `retryTimeoutMs`
 * @throws StreamDeletedError | AppendTooLargeError | CodecError
 */
export function decideAndAppend<C, S, E extends DomainEvent>(
  log: EventLog,
  { decider, id, command, by, ifMatch, scope = log.newCommand(), idempotency }: Change<C, S, E>,
): Promise<Committed<S, E>> {
  const stream = decider.streamOf(id);
  const deadline = performance.now() + log.retryTimeoutMs;
  return log.queues.run(stream, log.retryTimeoutMs, (giveUp) =>
    decideUntilAppended({ log, decider, stream, command, by, ifMatch, scope, idempotency, deadline, giveUp }),
  );
}

async function decideUntilAppended<C, S, E extends DomainEvent>(run: Run<C, S, E>): Promise<Committed<S, E>> {
  const { log, stream, scope, deadline } = run;
  for (let retry = 0; ; retry += 1) {
    const { folded, events, repeat } = await decideNow(run);
    if (repeat !== undefined) return repeat;
    if (events.length === 0) return { ...folded, events, position: undefined, commandId: scope.commandId };
    const committed = await tryAppend(run, folded, events);
    if (committed !== undefined) return committed;
    log.forget(stream);
    if (performance.now() >= deadline) throw new UnavailableError(`stream ${stream} keeps changing`);
    await pauseBeforeRetry(retry);
  }
}

type Decision<S, E> = {
  readonly folded: Folded<S>;
  readonly events: readonly E[];
  readonly repeat?: Committed<S, E> | undefined;
};

/** Decides on the remembered state; what that refuses is decided on the stream as it is now, since other processes write it too. */
async function decideNow<C, S, E extends DomainEvent>(run: Run<C, S, E>): Promise<Decision<S, E>> {
  const { log, decider, stream, idempotency } = run;
  if (idempotency !== undefined) {
    const { folded, repeat } = await foldSeekingRepeat(log, { decider, stream, idempotency });
    return { folded, repeat, events: repeat === undefined ? decideOn(run, folded) : [] };
  }
  const known = log.recall(decider, stream);
  if (known !== undefined) {
    try {
      const events = decideOn(run, known);
      if (events.length > 0) return { folded: known, events };
    } catch {
      // refused: it counts only when the state is still that
    }
  }
  const folded = await log.fold(decider, stream, { known });
  return { folded, events: decideOn(run, folded) };
}

function decideOn<C, S, E extends DomainEvent>(run: Run<C, S, E>, { state, revision }: Folded<S>): readonly E[] {
  if (run.ifMatch?.(state, revision) === false) throw new PreconditionFailedError(run.stream, revision);
  const { command, scope } = run;
  return run.decider.decide(isMade(command) ? command : command(scope.commandId), state);
}

/** Undefined when the stream is not at that revision any more and nothing was appended. */
async function tryAppend<C, S, E extends DomainEvent>(
  run: Run<C, S, E>,
  folded: Folded<S>,
  events: readonly E[],
): Promise<Committed<S, E> | undefined> {
  const { log, decider, stream, scope, by, idempotency, deadline, giveUp } = run;
  const { commandId } = scope;
  const expectedRevision = folded.revision;
  const encoding = log.encode(events, { stream, scope, by, idempotency });
  const encoded = encoding instanceof Promise ? await encoding : encoding;
  let appended;
  try {
    appended = await log.store.append(stream, encoded, { expectedRevision });
  } catch (error) {
    if (error instanceof VersionConflictError) return undefined;
    if (!(error instanceof OutcomeUnknownError)) {
      log.forget(stream);
      throw error;
    }
    appended = await settleAppend(log, { stream, events: encoded, expectedRevision }, { deadline, giveUp });
    if (appended === undefined) {
      scope.renew();
      return undefined;
    }
  }
  const { revision, position } = appended;
  const evolved = (state: S, event: E, index: number) => decider.evolve(state, event, expectedRevision + 1 + index);
  const state = events.reduce(evolved, folded.state);
  const bytes = encoded.reduce((sum, one) => sum + eventLength(one), folded.bytes);
  log.remember(decider, stream, { state, revision, bytes });
  return { events, state, revision, position, commandId };
}

function isMade<C>(command: CommandFor<C>): command is C {
  return typeof command !== 'function';
}
