import { beforeAll, describe, expect, it } from '@jest/globals';
import { type History, authoritySpec } from '../../testing/authority-spec.js';
import { flowOf, flowWithTokens } from '../../testing/flow-with-tokens.js';
import { aClient, aConsent, aGrant, claimsOf, codeIssued, redirectUri, tokensIssued } from '../../testing/histories.js';

const hour = 3600;

describe('the token endpoint', () => {
  const spec = authoritySpec();
  const now = () => spec.clock.inSeconds(0);
  const flow = (name: string) => flowOf(spec, name);
  const upToConsent = (name: string): History[] => [
    aClient(flow(name).clientId),
    aConsent(flow(name), spec.clock.inSeconds(-60)),
  ];
  const mark = (name: string, type: 'AuthorizationCodeRedeemed' | 'AuthorizationCodeReplayed', at: object) => ({
    ...{ stream: `grant-${flow(name).challenge}`, type, data: { grantId: flow(name).challenge, ...at } },
    actor: 'public',
  });
  const form = (clientId: string, values: Record<string, string>) => ({ client_id: clientId, ...values });

  describe('exchanging a code', () => {
    /** A person's flow up to a code that is good for ten minutes. */
    const withCode = (name: string, changes: object = {}): { code: string; histories: History[] } => {
      const { token: code, hash } = spec.mintToken();
      const issued = codeIssued(flow(name), hash, { issuedAt: now(), expiresAt: spec.clock.inSeconds(600) });
      const event = { ...issued, data: { ...issued.data, ...changes } } as typeof issued;
      return { code, histories: [...upToConsent(name), aGrant(flow(name), event)] };
    };
    const exchange = (name: string, code: string, more: Record<string, string> = {}) =>
      form(flow(name).clientId, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more });

    it('spends it and issues tokens, in one append', () => {
      const { code, histories } = withCode('ann');
      return spec
        .given(...histories)
        .when((authority) => authority.form('/oauth2/token', exchange('ann', code)))
        .thenAnswers({
          status: 200,
          body: expect.objectContaining({ scope: 'openid offline photos', expires_in: hour }),
          events: [
            mark('ann', 'AuthorizationCodeRedeemed', { redeemedAt: now() }),
            {
              stream: 'grant-consent-of-ann',
              type: 'TokensIssued',
              data: {
                ...claimsOf(flow('ann')),
                ...{ accessTokenHash: expect.any(String), accessTokenExpiresAt: spec.clock.inSeconds(hour) },
                ...{ refreshTokenHash: expect.any(String), refreshTokenExpiresAt: spec.clock.inSeconds(720 * hour) },
                ...{ grantType: 'authorization_code', issuedAt: now() },
              },
              actor: 'public',
            },
          ],
        });
    });

    it('a second time records that, and nothing else', () => {
      const { code, histories } = withCode('ben');
      const hashes = { accessTokenHash: spec.mintToken().hash, refreshTokenHash: spec.mintToken().hash };
      const times = { issuedAt: now(), accessTokenExpiresAt: spec.clock.inSeconds(hour) };
      return spec
        .given(...histories, aGrant(flow('ben'), ...tokensIssued(flow('ben'), hashes, times)))
        .when((authority) => authority.form('/oauth2/token', exchange('ben', code)))
        .thenAnswers({
          status: 400,
          body: expect.objectContaining({ error: 'invalid_grant' }),
          headers: { 'hydrant-position': expect.stringMatching(/^\d+$/) }, // of the mark, though the answer is a refusal
          events: [mark('ben', 'AuthorizationCodeReplayed', { replayedAt: now() })],
        });
    });

    it('with a wrong verifier spends it without tokens', () => {
      const { code, histories } = withCode('cleo', { codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' });
      return spec
        .given(...histories)
        .when((authority) => authority.form('/oauth2/token', exchange('cleo', code, { code_verifier: 'a'.repeat(43) })))
        .thenAnswers({
          status: 400,
          body: expect.objectContaining({ error: 'invalid_grant' }),
          events: [
            {
              stream: 'grant-consent-of-cleo',
              type: 'AuthorizationCodeInvalidated',
              data: { grantId: 'consent-of-cleo', cause: 'code_verifier', invalidatedAt: now() },
              actor: 'public',
            },
          ],
        });
    });

    it('after its ten minutes records nothing', async () => {
      const { code, histories } = withCode('dora');
      const exchanging = spec.given(...histories).when((authority) => {
        spec.clock.advance(600);
        return authority.form('/oauth2/token', exchange('dora', code));
      });
      await exchanging.thenAnswers({
        status: 400,
        body: expect.objectContaining({ error: 'invalid_grant' }),
        events: [],
      });
    });

    it.each([
      ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:5555/other' }],
      ['another client', { client_id: 'client-of-eve-2' }],
      ['no code of ours', { code: 'made.up' }],
    ])('with %s records nothing', async (_what, more) => {
      const { code, histories } = withCode(`eve-${Object.keys(more)[0]}`);
      await spec
        .given(...histories, ...('client_id' in more ? [aClient(more.client_id)] : []))
        .when((authority) => authority.form('/oauth2/token', exchange(`eve-${Object.keys(more)[0]}`, code, more)))
        .thenAnswers({ status: 400, body: expect.objectContaining({ error: 'invalid_grant' }), events: [] });
    });
  });

  describe('refreshing', () => {
    const refresh = (name: string, token: string) =>
      form(flow(name).clientId, { grant_type: 'refresh_token', refresh_token: token });
    const refreshed = (name: string, previousRefreshTokenHash: string) => ({
      stream: `grant-${flow(name).challenge}`,
      type: 'TokensRefreshed' as const,
      data: {
        ...claimsOf(flow(name)),
        ...{ accessTokenHash: expect.any(String), accessTokenExpiresAt: spec.clock.inSeconds(hour) },
        ...{ refreshTokenHash: expect.any(String), refreshTokenExpiresAt: spec.clock.inSeconds(720 * hour) },
        ...{ previousRefreshTokenHash, withinGrace: false, refreshedAt: now() },
      },
      actor: 'public',
    });

    it('is one event, which names the token it replaces', () => {
      const { refresh: token, refreshHash, histories } = flowWithTokens(spec, 'fay');
      return spec
        .given(...histories)
        .when((authority) => authority.form('/oauth2/token', refresh('fay', token)))
        .thenAnswers({ status: 200, events: [refreshed('fay', refreshHash)] });
    });

    it('with a token that was replaced records the reuse', async () => {
      const { refresh: token, refreshHash, histories } = flowWithTokens(spec, 'gil');
      await spec
        .given(...histories)
        .when((authority) => authority.form('/oauth2/token', refresh('gil', token)))
        .thenAnswers({ status: 200, events: [refreshed('gil', refreshHash)] });
      await spec
        .when((authority) => authority.form('/oauth2/token', refresh('gil', token)))
        .thenAnswers({
          status: 400,
          body: expect.objectContaining({ error: 'invalid_grant' }),
          events: [
            {
              stream: 'grant-consent-of-gil',
              type: 'RefreshTokenReused',
              data: { grantId: 'consent-of-gil', reusedAt: now() },
              actor: 'public',
            },
          ],
        });
    });

    it('of a consent that was revoked meanwhile records nothing', async () => {
      const { refresh: token, histories } = flowWithTokens(spec, 'hal');
      const { subjectHash } = flow('hal');
      const consentRevoked = { subjectHash, clientId: null, revokedAt: now() };
      await spec
        .given(...histories, {
          stream: `subject-${subjectHash}`,
          events: [{ type: 'ConsentRevoked', data: consentRevoked }],
        })
        .when((authority) => authority.form('/oauth2/token', refresh('hal', token)))
        .thenAnswers({ status: 400, body: expect.objectContaining({ error: 'invalid_grant' }), events: [] });
    });
  });

  describe('client credentials', () => {
    let machine: { id: string; secret: string };
    beforeAll(async () => {
      machine = await spec.authority.createClient({ client_id: 'machine' });
    });

    it('are one event, in a stream of this instance and hour', () =>
      spec
        .when((authority) =>
          authority.form('/oauth2/token', { grant_type: 'client_credentials', scope: 'photos' }, machine),
        )
        .thenAnswers({
          status: 200,
          body: expect.objectContaining({ scope: 'photos', expires_in: hour }),
          events: [
            {
              stream: expect.stringMatching(/^machine-[\da-f]{32}-2026-01-15T12$/),
              type: 'TokensIssued',
              data: {
                ...{ grantId: expect.any(String), clientId: 'machine', clientIncarnation: 0, scope: ['photos'] },
                ...{ audience: [], consentChallenge: null, grantType: 'client_credentials', issuedAt: now() },
                ...{ accessTokenHash: expect.any(String), accessTokenExpiresAt: spec.clock.inSeconds(hour) },
                ...{ refreshTokenHash: null, refreshTokenExpiresAt: null },
              },
              actor: 'public',
            },
          ],
        }));

    it.each([
      ['a wrong secret', { scope: 'photos' }, 'wrong', 401, 'invalid_client'],
      ['a scope it may not have', { scope: 'admin' }, undefined, 400, 'invalid_scope'],
    ])('with %s record nothing', (_what, more, wrong, status, error) =>
      spec
        .when((authority) =>
          authority.form(
            '/oauth2/token',
            { grant_type: 'client_credentials', ...more },
            { ...machine, secret: wrong ?? machine.secret },
          ),
        )
        .thenAnswers({ status, body: expect.objectContaining({ error }), events: [] }),
    );
  });
});
