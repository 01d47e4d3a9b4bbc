import { describe, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { machine } from './machine.js';
import { type TokensIssued } from './tokens.js';

const given = deciderSpec(machine);
const tokens = (name: string): TokensIssued['data'] => ({
  ...{ grantId: `grant-${name}`, clientId: 'app', clientIncarnation: 0, scope: ['read'], audience: [] },
  ...{ consentChallenge: null, accessTokenHash: `access-${name}`, accessTokenExpiresAt: '2030-01-01T13:00:00.000Z' },
  ...{ refreshTokenHash: null, refreshTokenExpiresAt: null, grantType: 'client_credentials' },
  issuedAt: '2030-01-01T12:00:00.000Z',
});
const issued = (name: string): TokensIssued => ({ type: 'TokensIssued', data: tokens(name) });

describe('IssueMachineTokens', () => {
  it('is one event for each token of the turn, in order', () =>
    given()
      .when({ type: 'IssueMachineTokens', data: { issued: [tokens('1'), tokens('2')] } })
      .thenEvents(issued('1'), issued('2')));
  it('depends on nothing issued before', () =>
    given(issued('1'))
      .when({ type: 'IssueMachineTokens', data: { issued: [tokens('1')] } })
      .thenEvents(issued('1')));
  it('changes nothing for an empty turn', () =>
    given()
      .when({ type: 'IssueMachineTokens', data: { issued: [] } })
      .thenNothing());
});
