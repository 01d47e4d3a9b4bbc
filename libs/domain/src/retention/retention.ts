import { type Decider, type EventSchemas, type Timestamp } from '../shared.js';

/** Watermarks that reads respect at once; rows go later. */
export type RetentionEvent = { type: 'TokensFlushed'; data: { cutOff: Timestamp; flushedAt: Timestamp } };

export const retentionEventSchemas: EventSchemas<RetentionEvent> = { TokensFlushed: { version: 1 } };

/** `notAfter` null: now. `accessTokenLifespanSeconds`: the one configured now, whatever the tokens' own (admin-api.md 2.24). */
export type RetentionCommand = {
  type: 'FlushTokens';
  data: { notAfter: Date | null; accessTokenLifespanSeconds: number };
  now: Date;
};

export type Retention = { flushedUpTo: Timestamp | undefined };

/** Decides the cut-off: access tokens issued before it are gone. `[]` when an earlier flush reached as far. */
function decide({ data, now }: RetentionCommand, state: Retention): RetentionEvent[] {
  const expiredBefore = now.getTime() - data.accessTokenLifespanSeconds * 1000;
  const cutOff = new Date(Math.min(expiredBefore, data.notAfter?.getTime() ?? expiredBefore)).toISOString();
  if (state.flushedUpTo !== undefined && cutOff <= state.flushedUpTo) return [];
  return [{ type: 'TokensFlushed', data: { cutOff, flushedAt: now.toISOString() } }];
}

/** There is one retention stream; the id is ignored. */
export const retention: Decider<RetentionCommand, Retention, RetentionEvent> = {
  streamOf: () => 'retention',
  initial: () => ({ flushedUpTo: undefined }),
  decide,
  evolve: (_state, { data }) => ({ flushedUpTo: data.cutOff }),
};
