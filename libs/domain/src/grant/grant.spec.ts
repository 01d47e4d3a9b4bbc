import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '#libs/testing';
import { type GrantCommand, type GrantEvent, grant } from './grant.js';
import { type MintedTokens } from './tokens.js';

const given = deciderSpec(grant);
const issuedAt = new Date('2030-01-01T12:00:00.000Z');
const later = (seconds: number): Date => new Date(issuedAt.getTime() + seconds * 1000);
const grantId = 'consent-1';

const claims = {
  ...{
    grantId,
    clientId: 'app',
    clientIncarnation: 2,
    scope: ['openid', 'offline'],
    audience: ['https://api.example/'],
  },
  ...{ consentChallenge: grantId, subjectHash: 'hash-of-mira', subject: 'mira', obfuscatedSubject: 'pairwise-mira' },
  ...{ ext: { role: 'editor' }, idTokenClaims: { sub: 'pairwise-mira', acr: '1' } },
};
const code = {
  ...{ codeHash: 'code', redirectUri: 'https://app.example/cb' as string | null, codeChallenge: null as string | null },
  ...{ nonce: 'nonce-1', expiresAt: later(600).toISOString() },
};
type CodeOptions = Partial<typeof code & { scope: string[] }>;
const codeIssued = (options: CodeOptions = {}): GrantEvent => ({
  type: 'AuthorizationCodeIssued',
  data: { ...claims, ...code, issuedAt: issuedAt.toISOString(), ...options },
});
const minted = (name: string, refreshTokenExpiresAt: string | null = later(3600).toISOString()): MintedTokens => ({
  accessTokenHash: `access-${name}`,
  accessTokenExpiresAt: later(900).toISOString(),
  refreshTokenHash: `refresh-${name}`,
  refreshTokenExpiresAt,
});

const codeRedeemed = (at = later(10)): GrantEvent => ({
  type: 'AuthorizationCodeRedeemed',
  data: { grantId, redeemedAt: at.toISOString() },
});
const tokensIssued = ({
  at = later(10),
  ...changes
}: Partial<MintedTokens> & { at?: Date; scope?: string[] } = {}): GrantEvent => ({
  type: 'TokensIssued',
  data: { ...claims, ...minted('1'), ...changes, grantType: 'authorization_code', issuedAt: at.toISOString() },
});
const replayed = (at: Date): GrantEvent => ({
  type: 'AuthorizationCodeReplayed',
  data: { grantId, replayedAt: at.toISOString() },
});
const invalidated: GrantEvent = {
  type: 'AuthorizationCodeInvalidated',
  data: { grantId, cause: 'code_verifier', invalidatedAt: later(10).toISOString() },
};
const revoked = (at: Date): GrantEvent => ({
  type: 'TokensRevoked',
  data: { grantId, revokedAt: at.toISOString() },
});
const reused = (at: Date): GrantEvent => ({
  type: 'RefreshTokenReused',
  data: { grantId, reusedAt: at.toISOString() },
});
const refreshed = (
  [previous, name]: [string, string],
  { at, withinGrace = false, expiresAt }: { at: Date; withinGrace?: boolean; expiresAt?: string | null },
): GrantEvent => ({
  type: 'TokensRefreshed',
  data: {
    ...claims,
    ...minted(name, expiresAt),
    ...{ previousRefreshTokenHash: `refresh-${previous}`, withinGrace, refreshedAt: at.toISOString() },
  },
});

const redeem = (
  presented: { clientId?: string; redirectUri?: string | null; codeChallenge?: string | null } = {},
  now = later(10),
): GrantCommand => ({
  type: 'RedeemAuthorizationCode',
  data: { clientId: 'app', redirectUri: code.redirectUri, codeChallenge: null, minted: minted('1'), ...presented },
  now,
});
const refresh = (
  [previous, name]: [string, string],
  {
    now,
    clientId = 'app',
    reuse = 'revoke',
    graceSeconds = 0,
    stillAllowed = true,
  }: { now: Date; clientId?: string; reuse?: 'revoke' | 'ignore'; graceSeconds?: number; stillAllowed?: boolean },
): GrantCommand => ({
  type: 'RefreshTokens',
  data: { clientId, refreshTokenHash: `refresh-${previous}`, reuse, graceSeconds, stillAllowed, minted: minted(name) },
  now,
});
const redeemed = [codeIssued(), codeRedeemed(), tokensIssued()];

describe('IssueAuthorizationCode', () => {
  const issue: GrantCommand = { type: 'IssueAuthorizationCode', data: { ...claims, ...code }, now: issuedAt };

  it('records the code and what it stands for', () => given().when(issue).thenEvents(codeIssued()));
  it.each([
    ['issued', [codeIssued()]],
    ['redeemed', redeemed],
    ['replayed', [...redeemed, replayed(later(20))]],
    ['invalidated', [codeIssued(), invalidated]],
  ])('is refused when the code of this grant is %s: a consent gives one code', (_status, events) =>
    given(...events)
      .when(issue)
      .thenRefuses('invalid_grant'),
  );
});

describe('RedeemAuthorizationCode (oauth2-flows.md 3.3)', () => {
  it('issues the tokens the code stands for', () =>
    given(codeIssued()).when(redeem()).thenEvents(codeRedeemed(), tokensIssued()));
  it.each(['offline', 'offline_access'])('issues a refresh token when %s is granted', (scope) =>
    given(codeIssued({ scope: [scope] }))
      .when(redeem())
      .thenEvents(codeRedeemed(), tokensIssued({ scope: [scope] })),
  );
  it.each([[[]], [['openid']], [['OFFLINE']], [['offline.photos']]])('issues no refresh token for %j', (scope) =>
    given(codeIssued({ scope }))
      .when(redeem())
      .thenEvents(codeRedeemed(), tokensIssued({ scope, refreshTokenHash: null, refreshTokenExpiresAt: null })),
  );
  it('is refused for a code never issued', () => given().when(redeem()).thenRefuses('invalid_grant'));
  it('is refused when the code has expired', () =>
    given(codeIssued())
      .when(redeem({}, later(600)))
      .thenRefuses('invalid_grant'));
  it('is accepted in the last moment', () =>
    given(codeIssued())
      .when(redeem({}, later(599.999)))
      .thenEvents(codeRedeemed(later(599.999)), tokensIssued({ at: later(599.999) })));
  it('is refused when the grant was revoked', () =>
    given(codeIssued(), revoked(later(5)))
      .when(redeem())
      .thenRefuses('invalid_grant'));
  it('is refused for another client', () =>
    given(codeIssued())
      .when(redeem({ clientId: 'other' }))
      .thenRefuses('invalid_grant'));
  it.each(['https://app.example/cb/', 'https://evil.example/cb', null])(
    'is refused with redirect_uri %s (RFC 6749 4.1.3)',
    (redirectUri) => given(codeIssued()).when(redeem({ redirectUri })).thenRefuses('invalid_grant'),
  );
  it.each([null, 'https://anything.example/'])(
    'looks at no redirect_uri when none was sent before: %s',
    (redirectUri) =>
      given(codeIssued({ redirectUri: null }))
        .when(redeem({ redirectUri }))
        .thenEvents(codeRedeemed(), tokensIssued()),
  );
});

describe('RedeemAuthorizationCode with PKCE (RFC 7636 4.6)', () => {
  const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

  it('issues tokens for the right verifier', () =>
    given(codeIssued({ codeChallenge })).when(redeem({ codeChallenge })).thenEvents(codeRedeemed(), tokensIssued()));
  it('spends the code on a wrong verifier', () =>
    given(codeIssued({ codeChallenge }))
      .when(redeem({ codeChallenge: codeChallenge.toLowerCase() }))
      .thenEvents(invalidated));
  it('is refused for the right verifier after a wrong one', () =>
    given(codeIssued({ codeChallenge }), invalidated).when(redeem({ codeChallenge })).thenRefuses('invalid_grant'));
  it('is refused without a verifier; the code stays', () =>
    given(codeIssued({ codeChallenge })).when(redeem()).thenRefuses('invalid_grant'));
  it('is refused with a verifier where there was no challenge; the code stays', () =>
    given(codeIssued()).when(redeem({ codeChallenge })).thenRefuses('invalid_grant'));
  it.each<[string, Parameters<typeof redeem>[0], Date]>([
    ['another client', { clientId: 'other' }, later(10)],
    ['another redirect_uri', { redirectUri: 'https://evil.example/' }, later(10)],
    ['an expired code', {}, later(600)],
  ])('looks at the verifier last: %s does not spend the code', (_what, presented, now) =>
    given(codeIssued({ codeChallenge }))
      .when(redeem({ codeChallenge: 'wrong', ...presented }, now))
      .thenRefuses('invalid_grant'),
  );
});

describe('RedeemAuthorizationCode again (RFC 6749 4.1.2)', () => {
  it('ends the tokens of the first time', () =>
    given(...redeemed)
      .when(redeem({}, later(20)))
      .thenEvents(replayed(later(20))));
  it.each<[string, Parameters<typeof redeem>[0]]>([
    ['another redirect_uri', { redirectUri: 'https://evil.example/' }],
    ['a verifier', { codeChallenge: 'wrong' }],
  ])('does so whatever comes with it: %s', (_what, presented) =>
    given(...redeemed)
      .when(redeem(presented, later(20)))
      .thenEvents(replayed(later(20))),
  );
  it('decides nothing for another client: a stranger who has the code cannot end the grant', () =>
    given(...redeemed)
      .when(redeem({ clientId: 'other' }, later(20)))
      .thenRefuses('invalid_grant'));
  it('does so when the code has expired meanwhile', () =>
    given(...redeemed)
      .when(redeem({}, later(601)))
      .thenEvents(replayed(later(601))));
  it('does so after a refresh', () =>
    given(...redeemed, refreshed(['1', '2'], { at: later(15) }))
      .when(redeem({}, later(20)))
      .thenEvents(replayed(later(20))));
  it('leaves one mark only', () =>
    given(...redeemed, replayed(later(20)))
      .when(redeem({}, later(30)))
      .thenRefuses('invalid_grant'));
});

describe('RefreshTokens (oauth2-flows.md 3.4)', () => {
  const now = later(20);

  it('rotates: the claims stay, tokens and expiries are new', () =>
    given(...redeemed)
      .when(refresh(['1', '2'], { now }))
      .thenEvents(refreshed(['1', '2'], { at: now })));
  it('rotates what a rotation issued', () =>
    given(...redeemed, refreshed(['1', '2'], { at: later(15) }))
      .when(refresh(['2', '3'], { now }))
      .thenEvents(refreshed(['2', '3'], { at: now })));
  it('never expires without an expiry', () =>
    given(codeIssued(), codeRedeemed(), tokensIssued({ refreshTokenExpiresAt: null }))
      .when(refresh(['1', '2'], { now: later(1_000_000) }))
      .thenEvents(refreshed(['1', '2'], { at: later(1_000_000) })));

  it.each<[string, GrantEvent[]]>([
    ['a grant that is not there', []],
    ['a code that was not redeemed', [codeIssued()]],
    ['tokens without a refresh token', [codeIssued(), codeRedeemed(), tokensIssued({ refreshTokenHash: null })]],
    ['a revoked grant', [...redeemed, revoked(later(15))]],
    ['a replayed code', [...redeemed, replayed(later(15))]],
    ['a grant that ended by reuse', [...redeemed, refreshed(['1', '2'], { at: later(11) }), reused(later(15))]],
  ])('is refused for %s', (_what, events) =>
    given(...events)
      .when(refresh(['1', '3'], { now }))
      .thenRefuses('invalid_grant'),
  );
  it('is refused for an unknown token', () =>
    given(...redeemed)
      .when(refresh(['other', '2'], { now }))
      .thenRefuses('invalid_grant'));
  it('is refused when the token has expired', () =>
    given(...redeemed)
      .when(refresh(['1', '2'], { now: later(3600) }))
      .thenRefuses('invalid_grant'));
  it('is refused for another client', () =>
    given(...redeemed)
      .when(refresh(['1', '2'], { now, clientId: 'other' }))
      .thenRefuses('invalid_grant'));
  it('is refused when the client may not have what was granted any more', () =>
    given(...redeemed)
      .when(refresh(['1', '2'], { now: later(11), stillAllowed: false }))
      .thenRefuses('grant_not_allowed'));
});

describe('RefreshTokens with a rotated token (oauth2-flows.md 2.14, D21)', () => {
  const rotatedOnce = [...redeemed, refreshed(['1', '2'], { at: later(20) })];

  it('ends the grant', () =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(20) }))
      .thenEvents(reused(later(20))));
  it('ends the grant, also when the client may not have its scope any more', () =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(20), stillAllowed: false }))
      .thenEvents(reused(later(20))));
  it('is only refused when reuse is ignored; what the rotation issued stays', () => {
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(20), reuse: 'ignore' }))
      .thenRefuses('invalid_grant');
    given(...rotatedOnce)
      .when(refresh(['2', '3'], { now: later(21), reuse: 'ignore' }))
      .thenEvents(refreshed(['2', '3'], { at: later(21) }));
  });
  it('of another client ends nothing', () =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(30), clientId: 'other' }))
      .thenRefuses('invalid_grant'));
  it('that has expired ends nothing', () =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(3600) }))
      .thenRefuses('invalid_grant'));

  it.each(['revoke', 'ignore'] as const)('gives tokens once more within the grace period (%s)', (reuse) =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(29.999), graceSeconds: 10, reuse }))
      .thenEvents(refreshed(['1', '3'], { at: later(29.999), withinGrace: true })),
  );
  it('ends the grant when the grace period is over', () =>
    given(...rotatedOnce)
      .when(refresh(['1', '3'], { now: later(30), graceSeconds: 10 }))
      .thenEvents(reused(later(30))));
  it('counts the grace period from the first rotation', () =>
    given(...rotatedOnce, refreshed(['1', '3'], { at: later(29), withinGrace: true }))
      .when(refresh(['1', '4'], { now: later(31), graceSeconds: 10 }))
      .thenEvents(reused(later(31))));
  it('leaves both successors usable after a rotation within the grace period', () => {
    const both = [...rotatedOnce, refreshed(['1', '3'], { at: later(25), withinGrace: true })];
    for (const name of ['2', '3'] as const)
      given(...both)
        .when(refresh([name, '4'], { now: later(40), graceSeconds: 10 }))
        .thenEvents(refreshed([name, '4'], { at: later(40) }));
  });
});

describe('RefreshTokens after many rotations', () => {
  const rotations = 20_000;
  const at = later(20);
  const many = [
    ...redeemed,
    ...Array.from({ length: rotations }, (_, index) => refreshed([`${index + 1}`, `${index + 2}`], { at })),
  ];
  const use = (name: number) => given(...many).when(refresh([`${name}`, 'next'], { now: at }));

  it('keeps no more than it needs, so that each event costs the same', () => {
    const state = many.reduce((folded, event, revision) => grant.evolve(folded, event, revision), grant.initial());
    const { usable, rotated } = state.refreshTokens;
    expect([usable.length, rotated.length]).toEqual([1, 100]);
  });
  it('goes on with the token that can be used', () =>
    use(rotations + 1).thenEvents(refreshed([`${rotations + 1}`, 'next'], { at })));
  it('notices the reuse of any of the last hundred', () => {
    for (const name of [rotations, rotations - 99]) use(name).thenEvents(reused(at));
  });
  it('does not know older ones: they end nothing', () => use(rotations - 100).thenRefuses('invalid_grant'));
  it('drops none that can still be used, however old', () => {
    const graced = refreshed(['1', 'graced'], { at: later(21), withinGrace: true });
    given(many[0]!, many[1]!, many[2]!, many[3]!, graced, ...many.slice(4))
      .when(refresh(['graced', 'next'], { now: later(40) }))
      .thenEvents(refreshed(['graced', 'next'], { at: later(40) }));
  });
});

describe('RevokeTokens (RFC 7009 2.1)', () => {
  const revoke: GrantCommand = { type: 'RevokeTokens', data: { grantId, clientId: 'app' }, now: later(30) };

  it('ends all tokens of the grant', () =>
    given(...redeemed)
      .when(revoke)
      .thenEvents(revoked(later(30))));
  it('ends machine tokens, whose issue is in another stream, and says whose they were', () =>
    given()
      .when(revoke)
      .thenEvents({
        type: 'TokensRevoked',
        data: { grantId, clientId: 'app', revokedAt: later(30).toISOString() },
      }));
  it.each<[string, GrantEvent]>([
    ['a revocation', revoked(later(20))],
    ['a replay', replayed(later(20))],
    ['a reuse', reused(later(20))],
  ])('changes nothing after %s', (_what, event) =>
    given(...redeemed, event)
      .when(revoke)
      .thenNothing(),
  );
});

describe('the claims of tokens', () => {
  it('survive from code to refresh without what is only the code’s', () => {
    const state = redeemed.reduce((folded, event, revision) => grant.evolve(folded, event, revision), grant.initial());
    expect(state.claims).toEqual(claims);
  });
});
