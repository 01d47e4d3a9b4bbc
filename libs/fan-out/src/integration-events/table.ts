import { type AuthorityEvent } from '#libs/domain';
import { clientRows } from './client-rows.js';
import { consentRows } from './consent-rows.js';
import { keyRows } from './key-rows.js';
import { type PublishedRow, type Rows, type StaysRow } from './row.js';
import { sessionRows } from './session-rows.js';
import { tokenRows } from './token-rows.js';

/** The one table that says what of the log others get, as what, on which topic. A stored type that is not in it does not compile. */
export const table: Rows<AuthorityEvent['type']> = {
  ...clientRows,
  ...keyRows,
  ...consentRows,
  ...sessionRows,
  ...tokenRows,
};

type AnyRow = PublishedRow<never> | StaysRow;

/** How events of a stored type are published; undefined when they stay. */
export function publishedRow(type: string): PublishedRow<never> | undefined {
  if (!Object.hasOwn(table, type)) return undefined;
  const row = (table as Readonly<Record<string, AnyRow>>)[type];
  return row === undefined || 'stays' in row ? undefined : row;
}

/** Every published row, in the order of the table. */
export const publishedRows: readonly PublishedRow<never>[] = Object.keys(table).flatMap(
  (type) => publishedRow(type) ?? [],
);
