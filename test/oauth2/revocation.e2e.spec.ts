import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, publicClient } from './flow.js';

describe('token revocation (RFC 7009)', () => {
  const running = runningAuthority();
  const revoke = (client: Client, token: string, extra: Record<string, string> = {}): Promise<Answer> =>
    running.authority.form('/oauth2/revoke', { token, ...extra }, client);
  const activity = async (tokens: { access_token: string; refresh_token?: string }): Promise<boolean[]> => [
    await running.authority.isActive(tokens.access_token),
    await running.authority.isActive(tokens.refresh_token ?? ''),
  ];

  it.each([
    ['access_token', {}],
    ['refresh_token', {}],
    ['access_token', { token_type_hint: 'refresh_token' }],
    ['refresh_token', { token_type_hint: 'access_token' }],
    ['access_token', { token_type_hint: 'pumpkin' }],
  ] as const)('#65 2.1 of the %s ends both (%j)', async (which, extra: Record<string, string>) => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const answer = await revoke(client, tokens[which] ?? '', extra);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await activity(tokens)).toEqual([false, false]);
    expect((await running.authority.refresh(client, tokens.refresh_token ?? '')).status).toBe(400);
    const userinfo = await fetch(`${running.publicUrl}/userinfo?access_token=${tokens.access_token}`);
    expect(userinfo.status).toBe(401);
  });

  it('3.10 ends tokens that were refreshed since, whichever is presented', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect((await revoke(client, next.access_token)).status).toBe(200);
    expect(await activity(next)).toEqual([false, false]);
  });

  it('3.10 leaves other grants of the same client and subject', async () => {
    const client = await running.authority.createClient();
    const [one, two] = [await running.authority.obtainTokens(client), await running.authority.obtainTokens(client)];
    await revoke(client, one.access_token);
    expect(await activity(two)).toEqual([true, true]);
  });

  it("#65 2.1 of another client's token: 200, and it lives", async () => {
    const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
    const tokens = await running.authority.obtainTokens(client);
    expect((await revoke(other, tokens.access_token)).status).toBe(200);
    expect((await revoke(other, tokens.refresh_token ?? '')).status).toBe(200);
    expect(await activity(tokens)).toEqual([true, true]);
  });

  it('#65 2.2 of an unknown, a revoked, a missing token: 200', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    for (const token of [
      'garbage',
      `${'A'.repeat(43)}.${'A'.repeat(43)}`,
      '',
      tokens.access_token,
      tokens.access_token,
    ])
      expect([token, (await revoke(client, token)).status]).toEqual([token, 200]);
    const missing = await running.authority.form('/oauth2/revoke', { token_type_hint: 'access_token' }, client);
    expect(missing.status).toBe(200);
  });

  it("2.1 of a client's own token", async () => {
    const client = await running.authority.createClient();
    const { json } = await running.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
    const { json: kept } = await running.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
    expect((await revoke(client, json.access_token)).status).toBe(200);
    expect(await running.authority.isActive(json.access_token)).toBe(false);
    expect(await running.authority.isActive(kept.access_token)).toBe(true);
  });

  it('5 a public client revokes with its id alone', async () => {
    const client = await publicClient(running.authority);
    const answer = await running.authority.form('/oauth2/revoke', { token: 'garbage', client_id: client.id });
    expect(answer.status).toBe(200);
  });

  describe('#65 1.4 every failure to authenticate, and every bad request, is 401 invalid_client', () => {
    const expectRefused = ({ status, json }: Answer): void => {
      expect([status, json.error]).toEqual([401, 'invalid_client']);
      expect(json).not.toHaveProperty('request_id');
    };

    it('a wrong secret, an unknown client, and the token lives', async () => {
      const client = await running.authority.createClient();
      const tokens = await running.authority.obtainTokens(client);
      expectRefused(await revoke({ ...client, secret: 'wrong-secret' }, tokens.access_token));
      expectRefused(await revoke({ ...client, id: 'nobody' }, tokens.access_token));
      expect(await activity(tokens)).toEqual([true, true]);
    });

    it('no credentials, and an empty body', async () => {
      expectRefused(await running.authority.form('/oauth2/revoke', { token: 'garbage' }));
      expectRefused(await running.authority.form('/oauth2/revoke', {}));
      expectRefused(await running.authority.form('/oauth2/revoke', {}, await running.authority.createClient()));
    });

    it('a malformed header', async () => {
      const response = await fetch(`${running.publicUrl}/oauth2/revoke`, {
        method: 'POST',
        headers: { authorization: 'Basic !!!' },
        body: new URLSearchParams({ token: 'garbage' }),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: 'invalid_client', status_code: 401 });
    });

    it('the wrong method', async () => {
      const client = await running.authority.createClient();
      const form = { token: 'garbage', client_id: client.id, client_secret: client.secret };
      expectRefused(await running.authority.form('/oauth2/revoke', form));
    });
  });

  it('GET: 405', async () => {
    expect((await fetch(`${running.publicUrl}/oauth2/revoke?token=x`)).status).toBe(405);
  });
});
