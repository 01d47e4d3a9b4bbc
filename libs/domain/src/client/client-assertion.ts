import { DomainError } from '../refusals.js';
import { type Decider, type EventSchemas, type Timestamp, streamName } from '../shared.js';

/** An assertion by which a client said who it is counts once. `assertionHash`: a keyed hash of the client and the `jti`. */
export type ClientAssertionEvent = {
  type: 'ClientAssertionUsed';
  /** After `refusedFrom` every assertion of this stream has expired. */
  data: { assertionHash: string; refusedFrom: Timestamp };
};

export const clientAssertionEventSchemas: EventSchemas<ClientAssertionEvent> = { ClientAssertionUsed: { version: 1 } };

export type ClientAssertionCommand = {
  type: 'UseClientAssertion';
  data: { assertionHash: string; refusedFrom: Timestamp };
};

/** The hashes, each between blanks: a text grows at no cost, where a set would have to be copied for each event. */
export type UsedAssertions = string;

const bucketMs = 300_000;

/**
 * Where an assertion is marked as used: the stream of its bucket and of the first byte of its hash. Many share a stream, so that one
 * deletion ends them all; none has more than a 256th of what expires within five minutes.
 */
export function assertionBucket(
  expiresAt: Date,
  firstByte: number,
): { readonly id: string; readonly refusedFrom: Timestamp } {
  const bucket = Math.floor(expiresAt.getTime() / bucketMs);
  const byte = firstByte.toString(16).padStart(2, '0');
  return { id: `${bucket}-${byte}`, refusedFrom: new Date((bucket + 1) * bucketMs).toISOString() };
}

/** @throws DomainError `assertion_used` */
function decide({ data }: ClientAssertionCommand, used: UsedAssertions): ClientAssertionEvent[] {
  if (used.includes(` ${data.assertionHash} `))
    throw new DomainError('assertion_used', 'a client assertion with this jti was used before');
  return [{ type: 'ClientAssertionUsed', data }];
}

/** Ids are those of `assertionBucket`. */
export const clientAssertion: Decider<ClientAssertionCommand, UsedAssertions, ClientAssertionEvent> = {
  streamOf: (id) => streamName('assertion', id),
  initial: () => ' ',
  decide,
  evolve: (used, { data }) => `${used}${data.assertionHash} `,
};
