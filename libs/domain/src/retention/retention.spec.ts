import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type RetentionCommand, type RetentionEvent, retention } from './retention.js';

const given = deciderSpec(retention);
const now = new Date('2030-01-01T12:00:00.000Z');

const flush = (notAfter: string | null): RetentionCommand => ({
  type: 'FlushTokens',
  data: { notAfter: notAfter === null ? null : new Date(notAfter), accessTokenLifespanSeconds: 3600 },
  now,
});
const flushed = (cutOff: string): RetentionEvent => ({
  type: 'TokensFlushed',
  data: { cutOff, flushedAt: now.toISOString() },
});
const summary = { deleted: { grant: 2 }, graceSeconds: 3600 };
const applied: RetentionEvent = {
  type: 'RetentionApplied',
  data: { ...summary, since: '2030-01-01T11:00:00.000Z', until: now.toISOString() },
};
const hourAgo = '2030-01-01T11:00:00.000Z';
const dayAgo = '2029-12-31T12:00:00.000Z';

describe('FlushTokens', () => {
  it('reaches one lifespan back when no time is given', () => given().when(flush(null)).thenEvents(flushed(hourAgo)));
  it('reaches no further than the time given', () => given().when(flush(dayAgo)).thenEvents(flushed(dayAgo)));
  it('never reaches tokens that can still be alive', () =>
    given().when(flush('2031-01-01T00:00:00.000Z')).thenEvents(flushed(hourAgo)));
  it('goes on where an earlier one ended', () => given(flushed(dayAgo)).when(flush(null)).thenEvents(flushed(hourAgo)));
  it('changes nothing when an earlier one reached as far', () =>
    given(flushed(hourAgo)).when(flush(null)).thenNothing());
  it('never takes an earlier one back', () => given(flushed(hourAgo)).when(flush(dayAgo)).thenNothing());
  it('goes by the last flush, whatever was recorded since', () =>
    given(flushed(hourAgo), applied).when(flush(null)).thenNothing());
});

describe('RecordRetention', () => {
  it('says what was deleted since when', () =>
    given()
      .when({ type: 'RecordRetention', data: { ...summary, since: new Date(hourAgo) }, now })
      .thenEvents(applied));
});
