import { describe, expect, it } from '@jest/globals';
import { authoritySpec } from '../testing/authority-spec.js';
import { flowWithTokens } from '../testing/flow-with-tokens.js';

describe('userinfo', () => {
  const spec = authoritySpec();
  const ask = (token: string) => () =>
    fetch(`${spec.authority.urls.publicUrl}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

  it('tells the claims and records nothing', () => {
    const { histories, access } = flowWithTokens(spec, 'fay');
    return spec
      .given(...histories)
      .when(ask(access))
      .thenAnswers({ status: 200, body: { sub: 'fay', picture: 'p.png' }, events: [] });
  });

  it('ends with the token', () => {
    const { histories, access } = flowWithTokens(spec, 'gil');
    return spec
      .given(...histories)
      .when(() => {
        spec.clock.advance(3600);
        return ask(access)();
      })
      .thenAnswers({ status: 401, body: expect.objectContaining({ error: 'token_expired' }), events: [] });
  });
});
