import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, TestBrowser, scratchFolder, startAuthority } from '#libs/harness';

describe('the authorization-code journey', () => {
  let process: AuthorityProcess;
  let authority: AuthorityClient;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = scratch.remove;
    process = await startAuthority(scratch.folder);
    authority = new AuthorityClient(process);
  });
  afterAll(async () => {
    await process.stop();
    await remove();
  });

  it('goes from login to tokens, userinfo, introspection, refresh and revocation', async () => {
    const client = await authority.createClient();
    const tokens = await authority.obtainTokens(client, {
      browser: new TestBrowser(),
      consent: { session: { access_token: { foo: 'bar' }, id_token: { baz: 'x' } } },
    });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'openid offline', expires_in: 3600 });
    expect((await authority.introspect(tokens.access_token)).json).toMatchObject({
      active: true,
      sub: 'alice@example.org',
      client_id: client.id,
      token_type: 'access_token',
      ext: { foo: 'bar' },
    });
    const userinfo = await fetch(`${process.publicUrl}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(await userinfo.json()).toEqual({ baz: 'x', sub: 'alice@example.org' });
    const refreshed = (await authority.refresh(client, tokens.refresh_token ?? '')).json;
    expect(await authority.isActive(tokens.access_token)).toBe(false);
    expect(await authority.isActive(refreshed.access_token)).toBe(true);
    expect((await authority.admin('DELETE', '/oauth2/auth/sessions/consent/alice%40example.org')).status).toBe(204);
    expect(await authority.isActive(refreshed.access_token)).toBe(false);
    expect(await authority.isActive(refreshed.refresh_token)).toBe(false);
  });
});
