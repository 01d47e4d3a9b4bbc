import { type Position } from '#libs/event-store';
import { type ReadModelDatabase, statement } from '../engine/database.js';
import { type OperationalKind, never } from './operational-streams.projection.js';

/** How long things are kept: `graceMs` after their end, which for logins and consents is `requestLifespanMs` after they were asked for. */
export type RetentionPeriods = { readonly graceMs: number; readonly requestLifespanMs: number };

/** What is due now. `upTo`: nothing whose last event lies behind it, since somebody has yet to read that. */
export type DueQuery = RetentionPeriods & { readonly now: Date; readonly upTo: Position };

/** A stream whose end lies far enough back, as long as `revision` is its last one. `endsAt` in milliseconds since 1970. */
export type DueStream = { readonly stream: string; readonly revision: number; readonly endsAt: number };

/** Where a page of streams ended: the following one begins behind it. */
export type DueCursor = { readonly endsAt: number; readonly id: number };
type Page = { readonly after: DueCursor | undefined; readonly limit: number };
type Row = DueStream & { readonly id: number };

/** Logins stay a while longer than their challenges are answered for. */
const loginMarginMs = 3_600_000;

/** How long after the instant that `endsAt` says a stream is due. */
function delayMs(kind: OperationalKind, { graceMs, requestLifespanMs }: RetentionPeriods): number {
  if (kind === 'login') return requestLifespanMs + graceMs + loginMarginMs;
  return kind === 'consent' ? requestLifespanMs + graceMs : graceMs;
}

/** A revoked token of a client alone must go first: without its revocation it would be alive again in a read model built anew. */
const machineTokensGone = `t.firstPosition < coalesce(
  (SELECT min(m.firstPosition) FROM operational_streams_v1 m WHERE m.kind = 'machine' AND m.held = 0), ${never})`;

function dueCondition(kind: OperationalKind): string {
  const condition = 't.kind = $kind AND t.held = 0 AND t.endsAt <= $cutOff AND t.position <= $upTo';
  return kind === 'revocation' ? `${condition} AND ${machineTokensGone}` : condition;
}

/** A page of the streams of a kind that are due, those first that ended first. `next` undefined: there are no more. */
export function findDueStreams(
  db: ReadModelDatabase,
  kind: OperationalKind,
  query: DueQuery & Page,
): { due: DueStream[]; next: DueCursor | undefined } {
  const sql = `SELECT t.rowid AS id, t.stream, t.revision, t.endsAt FROM operational_streams_v1 t
    WHERE ${dueCondition(kind)} AND (t.endsAt, t.rowid) > ($endsAt, $id) ORDER BY t.endsAt, t.rowid LIMIT $limit`;
  const { endsAt, id } = query.after ?? { endsAt: -never, id: 0 };
  const parameters = { ...bounds(kind, query), $endsAt: endsAt, $id: id, $limit: query.limit };
  const rows = statement(db, sql).all(parameters) as Row[];
  return { due: rows, next: nextOf(rows, query.limit) };
}

/**
 * A page of the grants that have not expired and whose client or consent is gone for long enough. Each of `limit` rows is looked at, so a
 * page may be empty and not be the last.
 */
export function findDueGrantsOfTheDead(
  db: ReadModelDatabase,
  query: DueQuery & Page,
): { due: DueStream[]; next: DueCursor | undefined } {
  const sql = `SELECT t.rowid AS id, t.stream, t.revision, t.endsAt, t.position, min(
      coalesce((SELECT min(d.deletedAt) FROM client_deletions_v1 d
        WHERE d.clientId = t.clientId AND d.revision > t.clientIncarnation), ${never}),
      coalesce((SELECT min(r.revokedAt) FROM consent_revocations_v2 r
        WHERE r.subjectHash = t.subjectHash AND r.clientId IN ('', t.clientId) AND r.position > t.firstPosition), ${never})
    ) AS diedAt FROM operational_streams_v1 t
    WHERE t.kind = $kind AND t.held = 0 AND t.endsAt > $cutOff AND (t.endsAt, t.rowid) > ($endsAt, $id)
    ORDER BY t.endsAt, t.rowid LIMIT $limit`;
  const { $upTo, ...bound } = bounds('grant', query);
  const { endsAt, id } = query.after ?? { endsAt: bound.$cutOff, id: never };
  type Looked = Row & { readonly diedAt: number; readonly position: number };
  const rows = statement(db, sql).all({ ...bound, $endsAt: endsAt, $id: id, $limit: query.limit }) as Looked[];
  const due = rows.filter(({ diedAt, position }) => diedAt <= bound.$cutOff && position <= $upTo);
  return {
    due: due.map(({ stream, revision, diedAt }) => ({ stream, revision, endsAt: diedAt })),
    next: nextOf(rows, query.limit),
  };
}

/** How many streams of a kind are due, and since when the first of them is; without those whose client or consent is gone. */
export function countDueStreams(
  db: ReadModelDatabase,
  kind: OperationalKind,
  query: DueQuery,
): { count: number; since: Date | undefined } {
  const sql = `SELECT count(*) AS count, min(t.endsAt) AS endsAt FROM operational_streams_v1 t WHERE ${dueCondition(kind)}`;
  const row = statement(db, sql).get(bounds(kind, query));
  const { count, endsAt } = row as { count: number; endsAt: number | null };
  return { count, since: endsAt === null ? undefined : new Date(endsAt + delayMs(kind, query)) };
}

function bounds(
  kind: OperationalKind,
  query: DueQuery,
): { readonly $kind: string; readonly $cutOff: number; readonly $upTo: number } {
  return { $kind: kind, $cutOff: query.now.getTime() - delayMs(kind, query), $upTo: query.upTo };
}

function nextOf(rows: readonly Row[], limit: number): DueCursor | undefined {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? undefined : { endsAt: last.endsAt, id: last.id };
}
