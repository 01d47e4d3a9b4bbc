import { type AuthorityEvent } from '#libs/domain';
import { type Content, type Topic } from './integration-event.js';
import { type StreamFacts } from './stream-facts.js';

/** A stored event's data, in the current version of its shape. */
export type DataOf<Type extends AuthorityEvent['type']> = Extract<AuthorityEvent, { type: Type }>['data'];

/** How a stored event type is published. */
export type PublishedRow<Type extends AuthorityEvent['type']> = {
  readonly topic: Topic;
  readonly type: string;
  /** One line for readers of the contract. */
  readonly summary: string;
  /** Only with `KAFKA_TOKEN_EVENTS=all`. */
  readonly optional?: true;
  /** It needs what the earlier events of its stream say. */
  readonly needsFacts?: true;
  readonly content: (data: DataOf<Type>, facts: StreamFacts) => Content;
};

/** Why a stored event type is nobody else's business. */
export type StaysRow = { readonly stays: string };

export type Rows<Type extends AuthorityEvent['type']> = { readonly [Each in Type]: PublishedRow<Each> | StaysRow };

/** Ties the rows of one file to the types they are for. */
export function rows<Type extends AuthorityEvent['type']>(each: Rows<Type>): Rows<Type> {
  return each;
}
