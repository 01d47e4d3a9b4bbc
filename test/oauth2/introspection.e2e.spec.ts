import { describe, expect, it } from '@jest/globals';
import { runningAuthority } from '#libs/testing';

describe('token introspection (RFC 7662)', () => {
  const running = runningAuthority();

  it('2.2 an access token, with what the consent app put into it', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client, {
      subject: 'alice',
      scope: 'openid offline photos',
      consent: { session: { access_token: { tenant: { id: 7 } } } },
    });
    const { json } = await running.authority.introspect(tokens.access_token);
    expect(json).toMatchObject({
      active: true,
      scope: 'openid offline photos',
      client_id: client.id,
      sub: 'alice',
      iss: `${running.publicUrl}/`,
      token_type: 'access_token',
      ext: { tenant: { id: 7 } },
    });
    expect(json.exp - json.iat).toBeGreaterThanOrEqual(3599);
    expect(json.exp - json.iat).toBeLessThanOrEqual(3601);
    expect(json).not.toHaveProperty('aud');
    expect(json).not.toHaveProperty('username');
    expect(json).not.toHaveProperty('obfuscated_subject');
  });

  it('#61 a refresh token', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client, { subject: 'alice' });
    for (const extra of [{}, { token_type_hint: 'refresh_token' }, { token_type_hint: 'access_token' }]) {
      const { json } = await running.authority.introspect(token, extra);
      expect(json).toMatchObject({ active: true, token_type: 'refresh_token', sub: 'alice' });
      expect(json).not.toHaveProperty('ext');
    }
  });

  it.each([
    ['photos', true],
    ['photos foo.bar', true],
    ['nope', false],
    ['photos nope', false],
    ['foo', false],
  ])('#60 with scope=%s: %s', async (scope, active) => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client, { scope: 'photos foo.*' });
    const { json } = await running.authority.introspect(tokens.access_token, { scope });
    if (active) expect(json.active).toBe(true);
    else expect(json).toEqual({ active: false });
  });

  it('2.2 whatever is no living token says nothing but inactive', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const forged = `${tokens.access_token.slice(0, -1)}${tokens.access_token.endsWith('A') ? 'Q' : 'A'}`;
    for (const token of ['', 'garbage', `${'A'.repeat(43)}.${'A'.repeat(43)}`, forged, tokens.id_token ?? '']) {
      const { status, json } = await running.authority.introspect(token);
      expect([token, status, json]).toEqual([token, 200, { active: false }]);
    }
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
  });

  it('2.1 an empty body; and it is not there on the public listener', async () => {
    const empty = await running.authority.admin('POST', '/oauth2/introspect', '', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([empty.status, empty.json.error]).toEqual([400, 'invalid_request']);
    expect((await running.authority.form('/oauth2/introspect', { token: 'x' })).status).toBe(404);
  });
});
