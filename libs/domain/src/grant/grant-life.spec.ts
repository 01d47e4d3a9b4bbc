import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Grant, type GrantCommand, type GrantEvent, grant } from './grant.js';
import { DomainError } from '../refusals.js';
import { type MintedTokens } from './tokens.js';

const start = Date.UTC(2030, 0, 1);
const grantId = 'consent-1';
const graceSeconds = 30;
const claims = { clientId: 'app', clientIncarnation: 0, scope: ['offline'], audience: [], consentChallenge: grantId };

type Step = { seconds: number } & (
  | { do: 'issue' | 'revoke' }
  | { do: 'redeem'; clientId: string; codeChallenge: string | null }
  | { do: 'refresh'; clientId: string; use: number; reuse: 'revoke' | 'ignore' }
);
type Life = { events: GrantEvent[]; decided: GrantEvent[][]; state: Grant };

const clientId = fc.constantFrom('app', 'app', 'app', 'other');
const seconds = fc.constantFrom(0, 1, 10, 40, 700);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('issue' as const, 'revoke' as const), seconds }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('redeem' as const), seconds, clientId },
      codeChallenge: fc.constantFrom('right', 'right', 'wrong', null),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('refresh' as const), seconds, clientId, use: fc.nat({ max: 6 }) },
      reuse: fc.constantFrom('revoke' as const, 'ignore' as const),
    }),
  },
);

/** Tokens of the n-th step; the refresh token of the step is `refresh-n`. */
function minted(step: number, now: Date): MintedTokens {
  const after = (s: number): string => new Date(now.getTime() + s * 1000).toISOString();
  return {
    ...{ accessTokenHash: `access-${step}`, accessTokenExpiresAt: after(60) },
    ...{ refreshTokenHash: `refresh-${step}`, refreshTokenExpiresAt: after(600) },
  };
}

function commandOf(step: Step, index: number, now: Date): GrantCommand {
  switch (step.do) {
    case 'issue': {
      const code = { codeHash: 'code', redirectUri: null, codeChallenge: 'right', nonce: null };
      const expiresAt = new Date(now.getTime() + 600_000).toISOString();
      return { type: 'IssueAuthorizationCode', data: { ...claims, grantId, ...code, expiresAt }, now };
    }
    case 'redeem': {
      const { clientId: presentedBy, codeChallenge } = step;
      const data = { clientId: presentedBy, redirectUri: null, codeChallenge, minted: minted(index, now) };
      return { type: 'RedeemAuthorizationCode', data, now };
    }
    case 'refresh': {
      const { clientId: presentedBy, reuse, use } = step;
      const token = {
        refreshTokenHash: `refresh-${use}`,
        reuse,
        graceSeconds,
        stillAllowed: true,
        minted: minted(index, now),
      };
      return { type: 'RefreshTokens', data: { clientId: presentedBy, ...token }, now };
    }
    default:
      return { type: 'RevokeTokens', data: { grantId, clientId: claims.clientId }, now };
  }
}

/** Plays the steps after a code was issued; a refused one leaves no trace. */
function live(steps: readonly Step[]): Life {
  const life: Life = { events: [], decided: [], state: grant.initial() };
  let now = start;
  for (const [index, step] of [{ do: 'issue', seconds: 0 } as const, ...steps].entries()) {
    now += step.seconds * 1000;
    let events: GrantEvent[] = [];
    try {
      events = grant.decide(commandOf(step, index, new Date(now)), life.state);
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect((error as DomainError).code).toBe('invalid_grant');
    }
    for (const event of events) life.state = grant.evolve(life.state, event, life.events.push(event) - 1);
    life.decided.push(events);
  }
  return life;
}

const lives = fc.array(anyStep, { maxLength: 12 }).map(live);
const holds = (property: (life: Life) => void): void => fc.assert(fc.property(lives, property), { numRuns: 500 });
const issues = ({ type }: GrantEvent): boolean => type === 'TokensIssued' || type === 'TokensRefreshed';

describe('whatever happens to a grant', () => {
  it('its code gives tokens once at most, in one append with its redemption', () =>
    holds(({ events, decided }) => {
      expect(events.filter(({ type }) => type === 'TokensIssued').length).toBeLessThanOrEqual(1);
      for (const types of decided.map((each) => each.map(({ type }) => type)))
        expect(types.includes('TokensIssued')).toBe(types.includes('AuthorizationCodeRedeemed'));
    }));

  it('nothing is issued after a replay, a reuse or a revocation', () =>
    holds(({ events }) => {
      const end = events.findIndex(({ type }) => /Replayed|Reused|Revoked/.test(type));
      if (end !== -1) expect(events.slice(end + 1).filter(issues)).toEqual([]);
    }));

  it('a code spent by a wrong verifier gives no tokens', () =>
    holds(({ events }) => {
      if (events.some(({ type }) => type === 'AuthorizationCodeInvalidated')) expect(events.filter(issues)).toEqual([]);
    }));

  it('a refresh token is rotated once, and again only within the grace period of the first time', () =>
    holds(({ events }) => {
      const rotatedAt = new Map<string, number>();
      for (const event of events) {
        if (event.type !== 'TokensRefreshed') continue;
        const { previousRefreshTokenHash: used, refreshedAt, withinGrace } = event.data;
        const first = rotatedAt.get(used);
        expect(withinGrace).toBe(first !== undefined);
        if (first === undefined) rotatedAt.set(used, Date.parse(refreshedAt));
        else expect(Date.parse(refreshedAt) - first).toBeLessThan(graceSeconds * 1000);
      }
    }));

  it('tokens come from refresh tokens of this grant that are not over', () =>
    holds(({ events }) => {
      const expiries = new Map<string | null, string | null>();
      for (const { type, data } of events) {
        if (type === 'TokensRefreshed')
          expect(expiries.get(data.previousRefreshTokenHash)! > data.refreshedAt).toBe(true);
        if (type === 'TokensRefreshed' || type === 'TokensIssued')
          expiries.set(data.refreshTokenHash, data.refreshTokenExpiresAt);
      }
    }));

  it('its events survive a JSON round trip unchanged', () =>
    holds(({ events }) => expect(JSON.parse(JSON.stringify(events))).toStrictEqual(events)));

  it('its state follows from its events', () =>
    holds(({ events, state }) =>
      expect(events.reduce((s, e, r) => grant.evolve(s, e, r), grant.initial())).toEqual(state),
    ));
});
