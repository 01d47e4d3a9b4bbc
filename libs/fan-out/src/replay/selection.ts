import { type JsonObject } from '#libs/domain';
import { type Position } from '#libs/event-store';
import { publishedRows } from '../integration-events/table.js';
import { type LogRecord } from '../relay/port.js';
import { sequenceOf } from './sequence.js';

/** One end of a part of the log: a position, or a time. It belongs to the part. */
export type Bound = { readonly position: Position } | { readonly time: Date };

/** Which of what is published; what is not said does not matter. `types` as `ce_type` has them. */
export type Selection = {
  readonly from?: Bound | undefined;
  readonly to?: Bound | undefined;
  readonly types?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  readonly subjectHash?: string | undefined;
};

/** Whether a record belongs to a selection. */
export function selects(selection: Selection, record: LogRecord): boolean {
  const { from, to, types, clientId, subjectHash } = selection;
  if (from !== undefined && isBefore(record, from)) return false;
  if (to !== undefined && isBehind(record, to)) return false;
  if (types !== undefined && !types.includes(record.headers['ce_type'] ?? '')) return false;
  if (clientId === undefined && subjectHash === undefined) return true;
  const body = JSON.parse(record.value) as JsonObject;
  return (
    (clientId === undefined || body['clientId'] === clientId) &&
    (subjectHash === undefined || body['subjectHash'] === subjectHash)
  );
}

/**
 * The published types that people mean: `consent.accepted` stands for all its versions, `hydrant.consent.accepted.v1` for itself.
 *
 * @throws TypeError naming one that there is not
 */
export function typesNamed(names: readonly string[]): string[] {
  const types = publishedRows.map(({ type }) => type);
  return names.flatMap((name) => {
    const meant = types.filter((type) => type === name || type.replace(/^hydrant\.|\.v\d+$/g, '') === name);
    if (meant.length === 0) throw new TypeError(`there is no type ${name}; there are ${types.join(', ')}`);
    return meant;
  });
}

/** What a selection is but for its end, as a text that names nobody. */
export function selectionText({ from, types, clientId, subjectHash }: Selection): string {
  return JSON.stringify({ from, types: types?.toSorted(), clientId, subjectHash });
}

function isBefore(record: LogRecord, bound: Bound): boolean {
  return 'time' in bound ? record.timestamp < bound.time.getTime() : (sequenceOf(record) ?? 0) < bound.position;
}

function isBehind(record: LogRecord, bound: Bound): boolean {
  return 'time' in bound ? record.timestamp > bound.time.getTime() : (sequenceOf(record) ?? 0) > bound.position;
}
