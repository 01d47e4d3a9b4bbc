import { describe, expect, it } from '@jest/globals';
import { AdminApi, Configuration, PublicApi } from '@oryd/hydra-client';
import { TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { documentedAdmin } from './documented-admin.js';

const redirectUri = 'http://127.0.0.1:5555/callback';
const subject = 'mira@example.org';

/** The package's types name members in camel case, what it sends and returns is in the wire's names: as callers in JavaScript see it. */
type Calls<Api> = Record<keyof Api, (...sent: unknown[]) => Promise<{ status: number; data: any }>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- bodies under test have any shape
const sdkOf = (adminUrl: string): Calls<AdminApi> => new AdminApi(undefined, adminUrl) as unknown as Calls<AdminApi>;

describe('@oryd/hydra-client 1.x, unmodified', () => {
  const running = runningAuthority();
  const admin = documentedAdmin(running);

  it('drives a whole journey', async () => {
    const { authority } = running;
    const sdk = sdkOf(admin.url);
    const created = await sdk.createOAuth2Client({
      client_id: 'photo-prints',
      client_secret: 'correct-horse',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid offline photos',
    });
    expect(created.status).toBe(201);
    expect((await sdk.getOAuth2Client('photo-prints')).data.client_id).toBe('photo-prints');
    expect((await sdk.listOAuth2Clients(10, 0)).data).toHaveLength(1);

    const browser = new TestBrowser();
    const parameters = { client_id: 'photo-prints', redirect_uri: redirectUri, scope: 'openid offline photos' };
    const loginChallenge = await authority.requestLogin(browser, parameters);
    const login = (await sdk.getLoginRequest(loginChallenge)).data;
    expect(login).toMatchObject({
      challenge: loginChallenge,
      skip: false,
      requested_scope: ['openid', 'offline', 'photos'],
    });
    const acceptance = { subject, remember: true, remember_for: 3600, context: { theme: 'dark' } };
    const loggedIn = (await sdk.acceptLoginRequest(loginChallenge, acceptance)).data;
    const consentChallenge = challengeIn(await browser.followed(loggedIn.redirect_to), 'consent_challenge');
    await expect(sdk.getLoginRequest(loginChallenge)).rejects.toMatchObject({
      response: { status: 410, data: { redirect_to: login.request_url } },
    });

    const consent = (await sdk.getConsentRequest(consentChallenge)).data;
    expect(consent).toMatchObject({ subject, login_challenge: loginChallenge, context: { theme: 'dark' }, amr: [] });
    const granted = await sdk.acceptConsentRequest(consentChallenge, {
      grant_scope: consent.requested_scope,
      handled_at: '2026-01-01T00:00:00Z',
      session: { access_token: { plan: 'gold' }, id_token: {} },
    });
    const code = codeIn(await browser.followed(granted.data.redirect_to));
    const client = { id: 'photo-prints', secret: 'correct-horse', redirectUri };
    const tokens = (await authority.exchange(client, code)).json;

    const introspected = (await sdk.introspectOAuth2Token(tokens.access_token, 'photos')).data;
    expect(introspected).toMatchObject({
      active: true,
      sub: subject,
      client_id: 'photo-prints',
      ext: { plan: 'gold' },
    });
    const sessions = (await sdk.listSubjectConsentSessions(subject)).data;
    expect(sessions).toMatchObject([{ grant_scope: ['openid', 'offline', 'photos'], consent_request: { subject } }]);
    expect(Date.parse(sessions[0].handled_at)).toBeLessThanOrEqual(Date.now());
    expect((await sdk.revokeConsentSessions(subject, 'photo-prints')).status).toBe(204);
    expect((await sdk.introspectOAuth2Token(tokens.access_token)).data.active).toBe(false);
    expect((await sdk.revokeConsentSessions(subject, undefined, true)).status).toBe(204);
    expect((await sdk.revokeAuthenticationSession(subject)).status).toBe(204);
  });

  it('calls what is public, and asks how the server is', async () => {
    const { authority } = running;
    const client = await authority.createClient();
    const { access_token: accessToken } = await authority.obtainTokens(client, { subject });
    const { publicUrl, adminUrl } = authority.urls;
    const settings = { basePath: publicUrl, accessToken, username: client.id, password: client.secret };
    const sdk = new PublicApi(new Configuration(settings)) as unknown as Calls<PublicApi>;
    expect((await sdk.discoverOpenIDConfiguration()).data.jwks_uri).toMatch(/jwks\.json$/);
    expect((await sdk.wellKnown()).data.keys.length).toBeGreaterThan(0);
    expect((await sdk.isInstanceReady()).data).toEqual({ status: 'ok' });
    expect((await sdkOf(adminUrl).isInstanceAlive()).data).toEqual({ status: 'ok' });
    expect((await sdkOf(adminUrl).getVersion()).data.version).toEqual(expect.any(String));
    expect((await sdk.userinfo()).data.sub).toBe(subject);
    expect(
      (await new PublicApi(new Configuration({ ...settings, accessToken: '' })).revokeOAuth2Token(accessToken)).status,
    ).toBe(200);
    expect((await sdkOf(adminUrl).introspectOAuth2Token(accessToken)).data).toEqual({ active: false });
  });

  it('rejects requests, and manages keys and clients', async () => {
    const { authority } = running;
    const sdk = sdkOf(admin.url);
    const client = await authority.createClient({ client_id: 'to-be-refused' });
    const browser = new TestBrowser();
    const asked = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const challenge = await authority.requestLogin(browser, asked);
    const rejected = await sdk.rejectLoginRequest(challenge, { error: 'access_denied', error_description: 'no' });
    expect((await browser.followed(rejected.data.redirect_to)).searchParams.get('error')).toBe('access_denied');

    const second = await authority.requestLogin(browser, asked);
    const accepted = (await sdk.acceptLoginRequest(second, { subject })).data;
    const consent = challengeIn(await browser.followed(accepted.redirect_to), 'consent_challenge');
    const refused = await sdk.rejectConsentRequest(consent, { error: 'consent_required', status_code: 403 });
    expect((await browser.followed(refused.data.redirect_to)).searchParams.get('error')).toBe('consent_required');
    await expect(sdk.acceptConsentRequest(consent, {})).rejects.toMatchObject({ response: { status: 409 } });

    const generated = await sdk.createJsonWebKeySet('partner', { alg: 'ES512', kid: 'a', use: 'sig' });
    expect(generated.data.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['private:a', 'public:a']);
    const [key] = (await sdk.getJsonWebKey('private:a', 'partner')).data.keys;
    expect((await sdk.updateJsonWebKey('private:a', 'partner', key)).status).toBe(200);
    expect((await sdk.deleteJsonWebKey('public:a', 'partner')).status).toBe(204);
    expect((await sdk.getJsonWebKeySet('partner')).data.keys).toHaveLength(1);
    expect((await sdk.updateJsonWebKeySet('partner', { keys: [key] })).data.keys).toEqual([key]);
    expect((await sdk.deleteJsonWebKeySet('partner')).status).toBe(204);
    expect((await sdk.flushInactiveOAuth2Tokens({})).status).toBe(204);

    const registered = (await sdk.getOAuth2Client(client.id)).data;
    const replaced = (await sdk.updateOAuth2Client(client.id, { ...registered, client_name: 'Refused' })).data;
    expect(replaced).toMatchObject({ client_name: 'Refused', redirect_uris: registered.redirect_uris });
    expect((await sdk.deleteOAuth2Client(client.id)).status).toBe(204);
    await expect(sdk.getOAuth2Client(client.id)).rejects.toMatchObject({ response: { status: 404 } });
  });
});
