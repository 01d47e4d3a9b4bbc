import { type DomainEvent } from '#libs/domain';
import { type RecordedEvent } from '#libs/event-store';
import { type ReadModelDatabase } from './database.js';

/**
 * One view of the log: its tables and what events do to them.
 *
 * `apply` reads no clock and no other source than the event and the tables; what it does must not depend on whether rows that
 * `dead` describes were removed before. A row missing where one is referred to counts as dead.
 */
export interface Projection<Event extends DomainEvent = DomainEvent> {
  readonly name: string;
  /** Stands in the table names too. Any change to the tables or to `apply` raises it; the read model is then built anew. */
  readonly version: number;
  readonly handles: readonly Event['type'][];
  readonly schema: string;
  /** Indexes that queries need and `apply` does not: a rebuild makes them last, which is several times faster. */
  readonly queryIndexes?: string;
  /** Rows that can never be alive again, for the clean-up. */
  readonly dead: readonly DeadRows[];
  apply(db: ReadModelDatabase, recorded: RecordedEvent<Event>): void;
  streamDeleted?(db: ReadModelDatabase, stream: string): void;
}

/** `where` is an SQL condition on a row `t` of the table; `$now` is the time of the clean-up in milliseconds since 1970. */
export type DeadRows = { readonly table: string; readonly where: string };
