import { type DomainEvent, type Timestamp } from '#libs/domain';
import { type Position } from '../port.js';

/**
 * Who is behind a change, and what it belongs to.
 *
 * `actor` is the authenticated admin caller, else the listener; `correlationId` the request's id, printable, at most 128 characters;
 * `reason` at most 500 characters; `traceparent` as W3C Trace Context writes it.
 */
export type Attribution = {
  actor: string;
  reason?: string;
  correlationId: string;
  causationId?: string;
  traceparent?: string;
};

/**
 * By what a repeat of a request is known again: keyed hashes, never the values, of the `Idempotency-Key` with the operation it is for, and
 * of the request's body.
 */
export type Idempotency = { readonly keyHash: string; readonly bodyHash: string };

/** What is recorded with every event, in clear. `recordedAt` is when the command was decided. */
export type EventMetadata = {
  eventId: string;
  commandId: string;
  schemaVersion: number;
  recordedAt: Timestamp;
  idempotency?: Idempotency;
} & Attribution;

/**
 * An event as it is read back, in the current version of its shape. `erased`: the person it is about was erased, its personal
 * members are absent for good.
 */
export type RecordedEvent<E extends DomainEvent = DomainEvent> = {
  event: E;
  stream: string;
  revision: number;
  position: Position;
  metadata: EventMetadata;
  erased?: true;
};
