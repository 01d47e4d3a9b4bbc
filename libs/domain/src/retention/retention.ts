import { type Decider, type EventSchemas, type Timestamp, assertNever } from '../shared.js';

export type RetentionEvent =
  /** A watermark that reads respect at once; rows go later. */
  | { type: 'TokensFlushed'; data: { cutOff: Timestamp; flushedAt: Timestamp } }
  /** A summary for whoever reads the log, nothing is derived from it: how many operational streams were deleted, by their kind. */
  | {
      type: 'RetentionApplied';
      data: { deleted: Readonly<Record<string, number>>; graceSeconds: number; since: Timestamp; until: Timestamp };
    };

export const retentionEventSchemas: EventSchemas<RetentionEvent> = {
  TokensFlushed: { version: 1 },
  RetentionApplied: { version: 1 },
};

/** `notAfter` null: now. `accessTokenLifespanSeconds`: the one configured now, whatever the tokens' own (admin-api.md 2.24). */
export type RetentionCommand = { now: Date } & (
  | { type: 'FlushTokens'; data: { notAfter: Date | null; accessTokenLifespanSeconds: number } }
  | {
      type: 'RecordRetention';
      data: { deleted: Readonly<Record<string, number>>; graceSeconds: number; since: Date };
    }
);

export type Retention = { flushedUpTo: Timestamp | undefined };

function decide({ now, ...command }: RetentionCommand, state: Retention): RetentionEvent[] {
  switch (command.type) {
    case 'FlushTokens':
      return flush(command.data, now, state);
    case 'RecordRetention': {
      const since = command.data.since.toISOString();
      return [{ type: 'RetentionApplied', data: { ...command.data, since, until: now.toISOString() } }];
    }
    default:
      return assertNever(command);
  }
}

/** Decides the cut-off: access tokens issued before it are gone. `[]` when an earlier flush reached as far. */
function flush(
  { notAfter, accessTokenLifespanSeconds }: { notAfter: Date | null; accessTokenLifespanSeconds: number },
  now: Date,
  { flushedUpTo }: Retention,
): RetentionEvent[] {
  const expiredBefore = now.getTime() - accessTokenLifespanSeconds * 1000;
  const cutOff = new Date(Math.min(expiredBefore, notAfter?.getTime() ?? expiredBefore)).toISOString();
  if (flushedUpTo !== undefined && cutOff <= flushedUpTo) return [];
  return [{ type: 'TokensFlushed', data: { cutOff, flushedAt: now.toISOString() } }];
}

/** There is one retention stream; the id is ignored. */
export const retention: Decider<RetentionCommand, Retention, RetentionEvent> = {
  streamOf: () => 'retention',
  initial: () => ({ flushedUpTo: undefined }),
  decide,
  evolve: (state, event) => (event.type === 'TokensFlushed' ? { flushedUpTo: event.data.cutOff } : state),
};
