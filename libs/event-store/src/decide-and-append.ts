import { type Decider, type DomainEvent } from '#libs/domain';
import { type Attribution } from './codec/event-metadata.js';
import { type CommandScope } from './command-scope.js';
import { OutcomeUnknownError, PreconditionFailedError, UnavailableError, VersionConflictError } from './errors.js';
import { type EventLog, type Folded } from './event-log.js';
import { type Position } from './port.js';
import { pauseBeforeRetry } from './retry-pause.js';
import { settleAppend } from './settle-append.js';

/**
 * What a command did: its events, and state and revision after them. `position` is that of the last event, undefined when nothing was
 * appended.
 */
export type Committed<State, Event> = {
  events: readonly Event[];
  state: State;
  revision: number;
  position: Position | undefined;
  commandId: string;
};

/** `ifMatch` is asked about the state a decision is based on; `scope` makes this one part of a command that writes several streams. */
export type AppendOptions<State> = {
  ifMatch?: (state: State, revision: number) => boolean;
  scope?: CommandScope;
};

type Run<C, S, E extends DomainEvent> = {
  readonly log: EventLog;
  readonly decider: Decider<C, S, E>;
  readonly stream: string;
  readonly command: C;
  readonly by: Attribution;
  readonly ifMatch: ((state: S, revision: number) => boolean) | undefined;
  readonly scope: CommandScope;
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
 * @throws UnavailableError nothing was stored: no success within `retryTimeoutMs`, or the store is away
 * @throws OutcomeUnknownError not known within `retryTimeoutMs`
 * @throws StreamDeletedError | AppendTooLargeError | CodecError
 */
export function decideAndAppend<C, S, E extends DomainEvent>(
  log: EventLog,
  decider: Decider<C, S, E>,
  id: string,
  command: C,
  by: Attribution,
  { ifMatch, scope = log.newCommand() }: AppendOptions<S> = {},
): Promise<Committed<S, E>> {
  const stream = decider.streamOf(id);
  const deadline = performance.now() + log.retryTimeoutMs;
  return log.queues.run(stream, log.retryTimeoutMs, (giveUp) =>
    decideUntilAppended({ log, decider, stream, command, by, ifMatch, scope, deadline, giveUp }),
  );
}

async function decideUntilAppended<C, S, E extends DomainEvent>(run: Run<C, S, E>): Promise<Committed<S, E>> {
  const { log, stream, scope, deadline } = run;
  for (let retry = 0; ; retry += 1) {
    const { folded, events } = await decideNow(run);
    if (events.length === 0) return { ...folded, events, position: undefined, commandId: scope.commandId };
    const committed = await tryAppend(run, folded, events);
    if (committed !== undefined) return committed;
    log.forget(stream);
    if (performance.now() >= deadline) throw new UnavailableError(`stream ${stream} keeps changing`);
    await pauseBeforeRetry(retry);
  }
}

/** Decides on the remembered state; what that refuses is decided on the stream as it is now, since other processes write it too. */
async function decideNow<C, S, E extends DomainEvent>(
  run: Run<C, S, E>,
): Promise<{ folded: Folded<S>; events: readonly E[] }> {
  const { log, decider, stream } = run;
  const known = log.recall(decider, stream);
  if (known !== undefined) {
    try {
      const events = decideOn(run, known);
      if (events.length > 0) return { folded: known, events };
    } catch {
      // refused: it counts only when the state is still that
    }
  }
  const folded = await log.fold(decider, stream, known);
  return { folded, events: decideOn(run, folded) };
}

function decideOn<C, S, E extends DomainEvent>(run: Run<C, S, E>, { state, revision }: Folded<S>): readonly E[] {
  if (run.ifMatch?.(state, revision) === false) throw new PreconditionFailedError(run.stream, revision);
  return run.decider.decide(run.command, state);
}

/** Undefined when the stream is not at that revision any more and nothing was appended. */
async function tryAppend<C, S, E extends DomainEvent>(
  run: Run<C, S, E>,
  folded: Folded<S>,
  events: readonly E[],
): Promise<Committed<S, E> | undefined> {
  const { log, decider, stream, scope, by, deadline, giveUp } = run;
  const { commandId } = scope;
  const expectedRevision = folded.revision;
  const encoding = log.encode(events, scope, by);
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
  log.remember(decider, stream, { state, revision });
  return { events, state, revision, position, commandId };
}
