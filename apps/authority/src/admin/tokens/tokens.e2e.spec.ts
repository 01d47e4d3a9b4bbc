import { describe, expect, it } from '@jest/globals';
import { authoritySpec } from '../../testing/authority-spec.js';
import { flowWithTokens } from '../../testing/flow-with-tokens.js';

const hour = 3600;

describe('tokens, as administrators see them', () => {
  const spec = authoritySpec();

  describe('introspection', () => {
    it('tells what a token is good for and records nothing', () => {
      const { access, histories } = flowWithTokens(spec, 'ann');
      return spec
        .given(...histories)
        .when((authority) => authority.introspect(access))
        .thenAnswers({
          status: 200,
          body: expect.objectContaining({ active: true, sub: 'ann', client_id: 'client-of-ann', ext: { level: 1 } }),
          events: [],
        });
    });

    it.each([
      ['the last second', hour - 1, true],
      ['the moment it expires', hour, false],
    ])('at %s', (_what, seconds, active) => {
      const { access, histories } = flowWithTokens(spec, `ben-${seconds}`);
      return spec
        .given(...histories)
        .when((authority) => {
          spec.clock.advance(seconds);
          return authority.introspect(access);
        })
        .thenAnswers({ status: 200, body: expect.objectContaining({ active }), events: [] });
    });

    it.each([
      [
        'the client is deleted',
        (name: string, at: string) => ({
          stream: `client-client-of-${name}`,
          events: [{ type: 'ClientDeleted' as const, data: { clientId: `client-of-${name}`, deletedAt: at } }],
        }),
      ],
      [
        'the consent is revoked',
        (name: string, at: string) => ({
          stream: `subject-${spec.subjectHash(name)}`,
          events: [
            {
              type: 'ConsentRevoked' as const,
              data: { subjectHash: spec.subjectHash(name), clientId: null, revokedAt: at },
            },
          ],
        }),
      ],
    ])('ends when %s', (what, end) => {
      const name = what.replaceAll(' ', '-');
      const { access, histories } = flowWithTokens(spec, name);
      return spec
        .given(...histories, end(name, spec.clock.inSeconds(0)))
        .when((authority) => authority.introspect(access))
        .thenAnswers({ status: 200, body: { active: false }, events: [] });
    });
  });

  it('the flush records how far it reached, the second time nothing', async () => {
    spec.clock.advance(24 * hour);
    const flush = () => spec.authority.admin('POST', '/oauth2/flush', {}, { 'x-reason': 'tidying' });
    const cutOff = spec.clock.inSeconds(-hour);
    await spec.when(flush).thenAnswers({
      status: 204,
      events: [
        {
          stream: 'retention',
          type: 'TokensFlushed',
          data: { cutOff, flushedAt: spec.clock.inSeconds(0) },
          actor: 'admin',
          reason: 'tidying',
        },
      ],
    });
    await spec.when(flush).thenAnswers({ status: 204, events: [] });
  });

  it('a flush that is none records nothing', () =>
    spec
      .when((authority) => authority.admin('POST', '/oauth2/flush', { notAfter: 'yesterday' }))
      .thenAnswers({ status: 400, events: [] }));
});
