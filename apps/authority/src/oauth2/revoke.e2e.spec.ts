import { describe, it } from '@jest/globals';
import { authoritySpec } from '../testing/authority-spec.js';
import { flowWithTokens } from '../testing/flow-with-tokens.js';
import { aClient, tokensOfClient } from '../testing/histories.js';

describe('the revocation endpoint', () => {
  const spec = authoritySpec();
  const revoked = (name: string) => ({
    stream: `grant-consent-of-${name}`,
    type: 'TokensRevoked' as const,
    data: { grantId: `consent-of-${name}`, revokedAt: spec.clock.inSeconds(0) },
    actor: 'public',
  });

  it.each(['access', 'refresh'] as const)('of the %s token ends the grant', (kind) => {
    const { access, refresh, histories } = flowWithTokens(spec, `ann-${kind}`);
    return spec
      .given(...histories)
      .when((authority) =>
        authority.form('/oauth2/revoke', {
          client_id: `client-of-ann-${kind}`,
          token: kind === 'access' ? access : refresh,
        }),
      )
      .thenAnswers({ status: 200, body: '', events: [revoked(`ann-${kind}`)] });
  });

  it('of a token that a client has for itself says whose it was: nothing else in the grant does', () => {
    const { token, hash } = spec.mintToken();
    const [clientId, grantId] = ['client-alone', 'machine-grant'];
    const times = { issuedAt: spec.clock.inSeconds(0), accessTokenExpiresAt: spec.clock.inSeconds(600) };
    return spec
      .given(aClient(clientId), tokensOfClient({ grantId, clientId, accessTokenHash: hash, ...times }))
      .when((authority) => authority.form('/oauth2/revoke', { client_id: clientId, token }))
      .thenAnswers({
        status: 200,
        events: [
          {
            ...{ stream: `grant-${grantId}`, type: 'TokensRevoked', actor: 'public' },
            data: { grantId, clientId, revokedAt: spec.clock.inSeconds(0) },
          },
        ],
      });
  });

  it('records no reason that a client gives, and the second time nothing', async () => {
    const { histories, access } = flowWithTokens(spec, 'ben');
    const revoke = () =>
      fetch(`${spec.authority.urls.publicUrl}/oauth2/revoke`, {
        method: 'POST',
        headers: { 'x-reason': 'lost phone' },
        body: new URLSearchParams({ client_id: 'client-of-ben', token: access }),
      });
    await spec
      .given(...histories)
      .when(revoke)
      .thenAnswers({ status: 200, events: [revoked('ben')] });
    await spec.when(revoke).thenAnswers({ status: 200, events: [] });
  });

  it.each([
    ['of another client', { client_id: 'client-of-dora' }, 200],
    ['by nobody known', { client_id: 'nobody' }, 401],
    ['made up', { token: 'made.up' }, 200],
  ])('of a token %s records nothing', (what, form, status) => {
    const { histories, access } = flowWithTokens(spec, `cleo ${what}`);
    const values = { client_id: `client-of-cleo ${what}`, token: access, ...form };
    const others = what === 'of another client' ? [aClient('client-of-dora')] : [];
    return spec
      .given(...histories, ...others)
      .when((authority) => authority.form('/oauth2/revoke', values))
      .thenAnswers({ status, events: [] });
  });
});
