import { describe, expect, it } from '@jest/globals';
import { type ReadModelDatabase } from '../engine/database.js';
import { given } from '../projection-spec.js';
import * as events from '../spec-events.js';
import { type TokenView } from './token-view.js';
import * as queries from './tokens.queries.js';

const {
  at,
  clientCreated,
  clientDeleted,
  codeIssued,
  codeRedeemed,
  consentRevoked,
  grantEnded,
  machineTokens,
  refreshed,
} = events;
const flow = [
  clientCreated(),
  events.consentRequested(),
  events.consentAccepted(),
  events.consentRedeemed(),
  codeIssued(),
];
const seconds = (value: string): number => Date.parse(value) / 1000;
const live =
  (...names: string[]) =>
  (db: ReadModelDatabase): string[] =>
    names.filter((name) => {
      const find = name.startsWith('access') ? queries.findAccessToken : queries.findRefreshToken;
      return find(db, name, new Date(at(60))) !== undefined;
    });

function answer(view: TokenView | undefined): unknown {
  return view?.introspection('https://op/');
}

describe('findAccessToken', () => {
  it("answers introspection of a client's own token", () =>
    given(clientCreated(), machineTokens()).thenAnswers(
      (db) => answer(queries.findAccessToken(db, 'access-m', new Date(at(60)))),
      `{"active":true,"scope":"read","client_id":"app","sub":"app","exp":${seconds(at(3600))},"iat":${seconds(at(0))},` +
        '"iss":"https://op/","token_type":"access_token"}',
    ));
  it("answers introspection of a person's token", () =>
    given(...flow, ...codeRedeemed()).thenAnswers(
      (db) => answer(queries.findAccessToken(db, 'access-1', new Date(at(60)))),
      `{"active":true,"scope":"openid offline","client_id":"app","sub":"anna","exp":${seconds(at(3620))},` +
        `"iat":${seconds(at(20))},"aud":["api"],"iss":"https://op/","token_type":"access_token","ext":{"role":"admin"}}`,
    ));
  it('shows whom it speaks for', () =>
    given(...flow, ...codeRedeemed()).thenAnswers(
      (db) => {
        const view = queries.findAccessToken(db, 'access-1', new Date(at(60)))!;
        const { grantId, clientId, kind, scope, scopeText, audience, subject, obfuscatedSubject, ext, idTokenClaims } =
          view;
        const { issuedAt, expiresAt } = view;
        const who = { subject, obfuscatedSubject, ext, idTokenClaims, issuedAt, expiresAt };
        return { grantId, clientId, kind, scope, scopeText, audience, ...who };
      },
      {
        ...{
          grantId: 'consent-1',
          clientId: 'app',
          kind: 'access_token',
          scope: ['openid', 'offline'],
          audience: ['api'],
        },
        ...{ scopeText: 'openid offline', subject: 'anna', obfuscatedSubject: undefined, ext: { role: 'admin' } },
        ...{ idTokenClaims: { sub: 'anna', acr: '1' }, issuedAt: at(20), expiresAt: at(3620) },
      },
    ));
  it('has no subject for a client alone', () =>
    given(clientCreated(), machineTokens()).thenAnswers(
      (db) => {
        const view = queries.findAccessToken(db, 'access-m', new Date(at(60)))!;
        return [view.subject, view.audience, view.ext, view.idTokenClaims];
      },
      [undefined, [], {}, {}],
    ));
  it('ends at its expiry', () =>
    given(clientCreated(), machineTokens()).thenAnswers(
      (db) =>
        [at(3599.999), at(3600)].map((now) => queries.findAccessToken(db, 'access-m', new Date(now)) !== undefined),
      [true, false],
    ));
  it('ends when it was issued before the newest flush', () =>
    given(
      ...[clientCreated(), machineTokens('old'), machineTokens('new', { issuedAt: at(8) })],
      ...[events.tokensFlushed(at(8)), events.tokensFlushed(at(4))],
    ).thenAnswers(live('access-old', 'access-new'), ['access-new']));
});

describe('tokens end', () => {
  const both = live('access-1', 'refresh-1', 'access-m');
  const issued = [...flow, ...codeRedeemed(), machineTokens()];

  it('not by themselves', () => given(...issued).thenAnswers(both, ['access-1', 'refresh-1', 'access-m']));
  it.each([
    ['their client', [clientDeleted()], []],
    ['their client, also when it is created again', [clientDeleted(), clientCreated()], []],
    ['their consent', [consentRevoked()], ['access-m']],
    ['their consent, decided again', [consentRevoked(), events.consentAccepted()], ['access-m']],
    ['the replay of the code', [grantEnded('AuthorizationCodeReplayed')], ['access-m']],
    ['the reuse of the refresh token', [grantEnded('RefreshTokenReused')], ['access-m']],
    ['their revocation', [grantEnded('TokensRevoked')], ['access-m']],
    ["the revocation of a client's own", [grantEnded('TokensRevoked', 'grant-m')], ['access-1', 'refresh-1']],
  ])('with %s', (_, more, left) => given(...issued, ...more).thenAnswers(both, left));
  it('when the consent was revoked before they came', () =>
    given(...flow, consentRevoked(), ...codeRedeemed()).thenAnswers(live('access-1', 'refresh-1'), []));
});

describe('refreshing', () => {
  const all = live('access-1', 'refresh-1', 'access-2', 'refresh-2', 'access-3', 'refresh-3');
  const issued = [...flow, ...codeRedeemed()];

  it('ends the earlier access tokens and the refresh token', () =>
    given(...issued, refreshed(['1', '2'])).thenAnswers(all, ['access-2', 'refresh-2']));
  it('within the grace period ends none of what the first refresh issued', () =>
    given(...issued, refreshed(['1', '2']), refreshed(['1', '3'], { withinGrace: true })).thenAnswers(all, [
      ...['access-2', 'refresh-2', 'access-3', 'refresh-3'],
    ]));
  it('dates the new tokens from the refresh', () =>
    given(...issued, refreshed(['1', '2'])).thenAnswers(
      (db) => queries.findRefreshToken(db, 'refresh-2', new Date(at(60)))?.issuedAt,
      at(30),
    ));
});

describe('findAnyRefreshToken', () => {
  const issued = [...flow, ...codeRedeemed(), refreshed(['1', '2'])];

  it('shows a rotated token', () =>
    given(...issued).thenAnswers((db) => queries.findAnyRefreshToken(db, 'refresh-1'), {
      ...{ grantId: 'consent-1', clientId: 'app', alive: true, scope: ['openid', 'offline'], audience: ['api'] },
    }));
  it('does not show one whose consent is dead as alive', () =>
    given(...issued, consentRevoked()).thenAnswers(
      (db) => queries.findAnyRefreshToken(db, 'refresh-1')?.alive ?? false,
      false,
    ));
});

describe('findTokenOwner', () => {
  it('finds both kinds', () =>
    given(...flow, ...codeRedeemed()).thenAnswers(
      (db) => ['access-1', 'refresh-1', 'code-consent-1'].map((hash) => queries.findTokenOwner(db, hash)),
      [
        { grantId: 'consent-1', clientId: 'app', kind: 'access_token' },
        { grantId: 'consent-1', clientId: 'app', kind: 'refresh_token' },
        undefined,
      ],
    ));
});

describe('findAuthorizationCode', () => {
  const find = (db: ReadModelDatabase) => queries.findAuthorizationCode(db, 'code-consent-1');

  it('shows a fresh code', () =>
    given(...flow).thenAnswers(find, {
      ...{ grantId: 'consent-1', clientId: 'app', clientIncarnation: 0, consentChallenge: 'consent-1' },
      ...{ scope: ['openid', 'offline'], alive: true, redeemed: false },
    }));
  it('shows a redeemed code', () =>
    given(...flow, ...codeRedeemed()).thenAnswers(find, expect.objectContaining({ alive: true, redeemed: true })));
  it('forgets one spent by a wrong verifier', () => {
    const data = { grantId: 'consent-1', cause: 'code_verifier' as const, invalidatedAt: at(11) };
    return given(...flow, { type: 'AuthorizationCodeInvalidated', data }).thenAnswers(find, undefined);
  });
  it.each([
    ['consent', [consentRevoked()]],
    ['client', [clientDeleted()]],
    ['grant', [grantEnded('AuthorizationCodeReplayed')]],
  ])('is not alive without its %s', (_, more) =>
    given(...flow, ...more).thenAnswers((db) => find(db)?.alive ?? false, false),
  );
});
