import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, publicClient } from './flow.js';

describe('client credentials (RFC 6749 4.4)', () => {
  const running = runningAuthority();
  const ask = (client: Client, extra: Record<string, string> = {}): Promise<Answer> =>
    running.authority.form('/oauth2/token', { grant_type: 'client_credentials', ...extra }, client);

  it('#59 gives all it asks for, and nothing but an access token (4.4.3)', async () => {
    const client = await running.authority.createClient();
    const audience = 'https://api.example.org/sub https://api.example.org/';
    const answer = await ask(client, { scope: 'photos foo.bar', audience });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(answer.json).toMatchObject({ token_type: 'bearer', scope: 'photos foo.bar' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await running.authority.introspect(answer.json.access_token)).json).toMatchObject({
      active: true,
      client_id: client.id,
      sub: client.id,
      scope: 'photos foo.bar',
      aud: ['https://api.example.org/sub', 'https://api.example.org/'],
    });
  });

  it('#59 without scope and audience', async () => {
    const client = await running.authority.createClient();
    const { status, json } = await ask(client);
    expect([status, json.scope]).toEqual([200, '']);
    const introspection = (await running.authority.introspect(json.access_token)).json;
    expect(introspection.active).toBe(true);
    expect(introspection).not.toHaveProperty('scope');
    expect(introspection).not.toHaveProperty('aud');
  });

  it('3.5 openid and offline give neither ID token nor refresh token', async () => {
    const client = await running.authority.createClient();
    const { json } = await ask(client, { scope: 'openid offline' });
    expect(json.scope).toBe('openid offline');
    expect(json).not.toHaveProperty('id_token');
    expect(json).not.toHaveProperty('refresh_token');
  });

  it.each([
    ['#59 a scope not allowed', { scope: 'photos nope' }, 'invalid_scope'],
    ['#59 an audience not allowed', { audience: 'https://other.example/' }, 'invalid_request'],
    ['3.7 an audience with another scheme', { audience: 'http://api.example.org/' }, 'invalid_request'],
  ])('%s', async (_what, extra: Record<string, string>, error) => {
    const { status, json } = await ask(await running.authority.createClient(), extra);
    expect([status, json.error]).toEqual([400, error]);
    expect(json).not.toHaveProperty('access_token');
  });

  it('3.5 a public client', async () => {
    const client = await publicClient(running.authority);
    const form = { grant_type: 'client_credentials', client_id: client.id };
    const { status, json } = await running.authority.form('/oauth2/token', form);
    expect([status, json.error]).toEqual([400, 'invalid_grant']);
  });

  it('3.5 a client without the grant, and one that registered none', async () => {
    for (const grantTypes of [['authorization_code'], []]) {
      const client = await running.authority.createClient({ grant_types: grantTypes });
      const { status, json } = await ask(client);
      expect([status, json.error]).toEqual([400, 'invalid_grant']);
    }
  });

  it('the token of a client that is gone is dead, also when the client comes back', async () => {
    const client = await running.authority.createClient();
    const { access_token: token } = (await ask(client)).json;
    await running.authority.admin('DELETE', `/clients/${client.id}`);
    expect(await running.authority.isActive(token)).toBe(false);
    await running.authority.createClient({ client_id: client.id, client_secret: client.secret });
    expect(await running.authority.isActive(token)).toBe(false);
    expect((await ask(client)).status).toBe(200);
  });

  it('concurrent requests each get a living token of their own', async () => {
    const client = await running.authority.createClient();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(client, { scope: 'photos' })));
    const tokens = answers.map(({ json }) => json.access_token as string);
    expect(new Set(tokens).size).toBe(40);
    expect(await Promise.all(tokens.map((token) => running.authority.isActive(token)))).not.toContain(false);
  });
});
