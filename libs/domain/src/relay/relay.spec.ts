import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type RelayCommand, type RelayEvent, relay } from './relay.js';

const given = deciderSpec(relay);
const now = new Date('2030-01-01T12:00:00.000Z');
const event = { position: 17, eventId: 'event-17', eventType: 'ClientUpdated' };
const park = (reason: string, of = event): RelayCommand => ({ type: 'ParkEvent', data: { ...of, reason }, now });
const parked = (reason: string, of = event): RelayEvent => ({
  type: 'EventParked',
  data: { ...of, reason, parkedAt: now.toISOString() },
});

describe('ParkEvent', () => {
  it('records which event is let pass, and why', () => given().when(park('too large')).thenEvents(parked('too large')));
  it('changes nothing when it is parked already', () => given(parked('first')).when(park('second')).thenNothing());
  it('lets another one pass', () => {
    const other = { ...event, position: 18, eventId: 'event-18' };
    return given(parked('too large')).when(park('too large', other)).thenEvents(parked('too large', other));
  });
});
