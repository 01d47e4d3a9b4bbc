import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type Expectation } from './stream-history.js';

/** An answer that is an error: a status and, for the errors the client knows by name, trailers. */
export type Refusal = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

export function streamDeleted(stream: string): Refusal {
  const details = `Event stream '${stream}' is deleted.`;
  return named(status.FAILED_PRECONDITION, details, { exception: 'stream-deleted', 'stream-name': stream });
}

/** For deleting; an append tells a wrong version in its ordinary answer. */
export function wrongExpectedVersion(stream: string, expected: Expectation, current: bigint): Refusal {
  const wireRevisions = { any: '-2', no_stream: '-1', stream_exists: '-4' };
  const expectedVersion = typeof expected === 'bigint' ? String(expected) : wireRevisions[expected];
  const versions = `Expected version: ${expectedVersion}, Actual version: ${current}`;
  return named(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, ${versions}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expectedVersion,
      'actual-version': String(current),
    },
  );
}

export function appendTooLarge(maxBytes: number): Refusal {
  const exception = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(maxBytes) };
  return named(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxBytes} Exceeded.`, exception);
}

export function notLeader(leader: { readonly address: string; readonly port: number }): Refusal {
  return named(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': leader.address,
    'leader-endpoint-port': String(leader.port),
  });
}

export function accessDenied(): Refusal {
  return named(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
}

export function notReady(): Refusal {
  return named(status.UNAVAILABLE, 'Server Is Not Ready');
}

export function consumerTooSlow(): Refusal {
  const reason = 'Consumer too slow to handle event while live. Client resubscription required.';
  return named(status.ABORTED, `Operation timed out: ${reason}`);
}

/** What the server answers to a request it did not expect. */
export function handlerThrew(): Refusal {
  return named(status.UNKNOWN, 'Exception was thrown by handler.');
}

/** What the reader behind the handler could not make sense of. */
export function readFailed(result: 'ReadStreamResult' | 'ReadAllResult'): Refusal {
  return named(status.UNKNOWN, `Unexpected ${result}: Error`);
}

export function notPartOfTheDouble(what: string): Refusal {
  return named(status.UNIMPLEMENTED, `the EventStoreDB double has no ${what}`);
}

/** A name that no trailer can carry makes the server fail over its own error. */
function named(code: status, details: string, trailers: Record<string, string> = {}): Refusal {
  const metadata = new Metadata();
  if (!Object.values(trailers).every((value) => /^[ -~]*$/.test(value))) {
    return { code: status.UNKNOWN, details: 'Received HTTP status code 500', metadata };
  }
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
}
