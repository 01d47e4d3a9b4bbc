import { noRevision } from '#libs/domain';
import {
  AppendTooLargeError,
  EventStoreError,
  OutcomeUnknownError,
  StreamDeletedError,
  UnavailableError,
  VersionConflictError,
} from '../errors.js';

/** A call that never left this process. */
export class NotSentError extends Error {}

/** A call that was given up after its time. */
export class NoAnswerError extends Error {}

/**
 * What `unavailable` says when the request was not sent, or was refused before anything was done with it. Every other `unavailable`
 * may come after the server has taken the request.
 */
const certainlyNotApplied = [
  'No connection established',
  'Name resolution failed',
  'Channel closed before call started',
  'Server Is Not Ready',
  'Server Is Too Busy',
];

/** The library's kind of error; undefined for errors that are not from the server or its connection. */
export function kindOf(error: unknown): string | undefined {
  const kind = member(error, 'type');
  return typeof kind === 'string' ? kind : undefined;
}

/** Whether the same request may simply be sent again at once: it was not taken, and the next one is likely to be. */
export function isMisdirected(error: unknown): boolean {
  if (error instanceof NotSentError || kindOf(error) === 'not-leader') return true;
  return kindOf(error) === 'unavailable' && messageOf(error).includes('Channel closed before call started');
}

/** Whether the server itself ran out of time over a write, which may have been made all the same. */
export function isGivenUpByServer(error: unknown): boolean {
  return kindOf(error) === 'timeout';
}

/** Whether time ran out without any answer, so that the connection may be dead without knowing. */
export function isSilence(error: unknown): boolean {
  return error instanceof NoAnswerError || kindOf(error) === 'deadline-exceeded';
}

/** What a failed append or deletion means to our callers. */
export function writeFailure(
  error: unknown,
  { stream, expectedRevision, bytes }: { stream: string; expectedRevision: number; bytes: number },
): EventStoreError {
  if (error instanceof EventStoreError) return error;
  switch (kindOf(error)) {
    case 'wrong-expected-version':
      return new VersionConflictError(stream, expectedRevision, actualRevision(error));
    case 'stream-deleted':
      return new StreamDeletedError(stream);
    case 'maximum-append-size-exceeded':
      return new AppendTooLargeError(bytes, Number(member(error, 'maxAppendSize')));
    default:
      return isCertainlyNotApplied(error) ? unavailable(error) : unconfirmed(stream, error);
  }
}

/** What a failed read means to our callers. */
export function readFailure(error: unknown, stream = ''): EventStoreError {
  if (error instanceof EventStoreError) return error;
  return kindOf(error) === 'stream-deleted' ? new StreamDeletedError(stream) : unavailable(error);
}

function unconfirmed(stream: string, error: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(`the event store did not confirm a write to ${stream}: ${messageOf(error)}`, {
    cause: error,
  });
}

function unavailable(error: unknown): UnavailableError {
  const reason = kindOf(error) === 'access-denied' ? 'access denied for the user of EVENT_STORE' : messageOf(error);
  return new UnavailableError(`the event store does not serve us: ${reason}`, { cause: error });
}

function isCertainlyNotApplied(error: unknown): boolean {
  if (error instanceof NotSentError || messageOf(error).startsWith('Failed to discover')) return true;
  switch (kindOf(error)) {
    case 'not-leader':
    case 'access-denied':
      return true;
    case 'unavailable':
      return certainlyNotApplied.some((text) => messageOf(error).includes(text));
    default:
      return false;
  }
}

function actualRevision(error: unknown): number {
  const actual = member(error, 'actualVersion');
  return typeof actual === 'bigint' && actual >= 0n ? Number(actual) : noRevision;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ') || (kindOf(error) ?? 'no reason given');
}

function member(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
