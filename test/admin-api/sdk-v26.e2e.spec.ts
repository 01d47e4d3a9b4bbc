import { describe, expect, it } from '@jest/globals';
import { Configuration, JwkApi, MetadataApi, OAuth2Api, OidcApi, WellknownApi } from '@ory/hydra-client';
import { TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { documentedAdmin } from './documented-admin.js';

const redirectUri = 'http://127.0.0.1:5555/callback';
const subject = 'mira@example.org';

describe('@ory/hydra-client 26.x, unmodified', () => {
  const running = runningAuthority();
  const admin = documentedAdmin(running);

  it('drives a whole journey', async () => {
    const { authority } = running;
    const sdk = new OAuth2Api(new Configuration({ basePath: admin.url }));
    const created = await sdk.createOAuth2Client({
      oAuth2Client: {
        client_id: 'photo-prints',
        client_secret: 'correct-horse',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        scope: 'openid offline photos',
        metadata: { tier: 'gold' },
      },
    });
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe('/admin/clients/photo-prints');
    const patch = { id: 'photo-prints', jsonPatch: [{ op: 'replace', path: '/client_name', value: 'Photo prints' }] };
    expect((await sdk.patchOAuth2Client(patch)).data.client_name).toBe('Photo prints');
    expect((await sdk.listOAuth2Clients({ pageSize: 10, clientName: 'Photo prints' })).data).toHaveLength(1);

    const browser = new TestBrowser();
    const parameters = { client_id: 'photo-prints', redirect_uri: redirectUri, scope: 'openid offline photos' };
    const loginChallenge = await authority.requestLogin(browser, parameters);
    const login = (await sdk.getOAuth2LoginRequest({ loginChallenge })).data;
    expect(login).toMatchObject({ challenge: loginChallenge, skip: false, client: { metadata: { tier: 'gold' } } });
    const loggedIn = await sdk.acceptOAuth2LoginRequest({
      loginChallenge,
      acceptOAuth2LoginRequest: {
        ...{ subject, remember: true, amr: ['pwd'], context: { theme: 'dark' } },
        extend_session_lifespan: true,
      },
    });
    const consentChallenge = challengeIn(await browser.followed(loggedIn.data.redirect_to), 'consent_challenge');
    await expect(sdk.getOAuth2LoginRequest({ loginChallenge })).rejects.toMatchObject({
      response: { status: 410, data: { redirect_to: login.request_url } },
    });

    const consent = (await sdk.getOAuth2ConsentRequest({ consentChallenge })).data;
    const told = { context: { theme: 'dark' }, amr: ['pwd'] };
    expect(consent).toMatchObject({ subject, consent_request_id: consentChallenge, ...told });
    const granted = await sdk.acceptOAuth2ConsentRequest({
      consentChallenge,
      acceptOAuth2ConsentRequest: {
        grant_scope: consent.requested_scope ?? [],
        context: { asked: 'twice' },
        session: { access_token: { plan: 'gold' } },
      },
    });
    const code = codeIn(await browser.followed(granted.data.redirect_to));
    const client = { id: 'photo-prints', secret: 'correct-horse', redirectUri };
    const tokens = (await authority.exchange(client, code)).json;

    const introspected = (await sdk.introspectOAuth2Token({ token: tokens.access_token, scope: 'photos' })).data;
    expect(introspected).toMatchObject({ active: true, sub: subject, token_type: 'Bearer', token_use: 'access_token' });
    const sessions = (await sdk.listOAuth2ConsentSessions({ subject })).data;
    const request = { subject, context: { theme: 'dark' } };
    expect(sessions).toMatchObject([
      { consent_request_id: consentChallenge, context: { asked: 'twice' }, consent_request: request },
    ]);
    expect((await sdk.revokeOAuth2ConsentSessions({ subject, client: 'photo-prints' })).status).toBe(204);
    expect((await sdk.introspectOAuth2Token({ token: tokens.access_token })).data.active).toBe(false);
    expect((await sdk.revokeOAuth2ConsentSessions({ subject, all: true })).status).toBe(204);
    expect((await sdk.revokeOAuth2LoginSessions({ subject })).status).toBe(204);
    expect((await sdk.deleteOAuth2Client({ id: 'photo-prints' })).status).toBe(204);
    await expect(sdk.deleteOAuth2Client({ id: 'photo-prints' })).rejects.toMatchObject({ response: { status: 404 } });
  });

  it('rejects requests, replaces clients, and revokes one session', async () => {
    const { authority } = running;
    const sdk = new OAuth2Api(new Configuration({ basePath: authority.urls.adminUrl }));
    const { id, redirectUri: redirect_uri } = await authority.createClient();
    const { data: registered, headers } = await sdk.getOAuth2Client({ id });
    const ifMatch = { headers: { 'if-match': String(headers.etag) } };
    const renamed = { id, oAuth2Client: { ...registered, client_name: 'Renamed' } };
    expect((await sdk.setOAuth2Client(renamed, ifMatch)).data).toMatchObject({ client_name: 'Renamed', metadata: {} });
    await expect(sdk.setOAuth2Client(renamed, ifMatch)).rejects.toMatchObject({ response: { status: 412 } });

    const browser = new TestBrowser();
    const parameters = { client_id: id, redirect_uri, scope: 'openid' };
    const loginChallenge = await authority.requestLogin(browser, parameters);
    const rejectOAuth2Request = { error: 'access_denied', error_description: 'no' };
    const rejected = await sdk.rejectOAuth2LoginRequest({ loginChallenge, rejectOAuth2Request });
    expect((await browser.followed(rejected.data.redirect_to)).searchParams.get('error')).toBe('access_denied');

    const second = await authority.requestLogin(browser, parameters);
    const accepted = await sdk.acceptOAuth2LoginRequest({
      loginChallenge: second,
      acceptOAuth2LoginRequest: { subject, remember: true },
    });
    const consentChallenge = challengeIn(await browser.followed(accepted.data.redirect_to), 'consent_challenge');
    const refused = await sdk.rejectOAuth2ConsentRequest({ consentChallenge, rejectOAuth2Request });
    expect((await browser.followed(refused.data.redirect_to)).searchParams.get('error')).toBe('access_denied');

    const third = await authority.requestLogin(browser, parameters);
    const skipping = (await sdk.getOAuth2LoginRequest({ loginChallenge: third })).data;
    expect(skipping).toMatchObject({ skip: true, subject });
    expect((await sdk.revokeOAuth2LoginSessions({ sid: skipping.session_id ?? '' })).status).toBe(204);
    const fourth = await authority.requestLogin(browser, parameters);
    expect((await sdk.getOAuth2LoginRequest({ loginChallenge: fourth })).data.skip).toBe(false);
  });

  it('pages over clients', async () => {
    const sdk = new OAuth2Api(new Configuration({ basePath: running.authority.urls.adminUrl }));
    for (const client_id of ['page-a', 'page-b', 'page-c']) {
      await sdk.createOAuth2Client({ oAuth2Client: { client_id, owner: 'pager' } });
    }
    const first = await sdk.listOAuth2Clients({ owner: 'pager', pageSize: 2 });
    const pageToken = /page_token=([^&>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    const rest = await sdk.listOAuth2Clients({ owner: 'pager', pageSize: 2, pageToken });
    expect([...first.data, ...rest.data].map(({ client_id }) => client_id)).toEqual(['page-a', 'page-b', 'page-c']);
  });

  it('calls what is public, and asks how the server is', async () => {
    const { authority } = running;
    const { publicUrl, adminUrl } = authority.urls;
    const { id, secret, redirectUri } = await authority.createClient();
    const { access_token: token } = await authority.obtainTokens({ id, secret, redirectUri }, { subject });
    const settings = new Configuration({ basePath: publicUrl, accessToken: token, username: id, password: secret });
    expect((await new WellknownApi(settings).discoverJsonWebKeys()).data.keys?.length).toBeGreaterThan(0);
    expect((await new OidcApi(settings).discoverOidcConfiguration()).data.issuer).toMatch(/^http/);
    expect((await new OidcApi(settings).getOidcUserInfo()).data.sub).toBe(subject);
    const metadata = new MetadataApi(new Configuration({ basePath: adminUrl }));
    expect((await metadata.isAlive()).data).toEqual({ status: 'ok' });
    expect((await metadata.isReady()).data).toEqual({ status: 'ok' });
    expect((await metadata.getVersion()).data.version).toEqual(expect.any(String));
    const basic = new Configuration({ basePath: publicUrl, username: id, password: secret });
    expect((await new OAuth2Api(basic).revokeOAuth2Token({ token })).status).toBe(200);
    expect(await authority.isActive(token)).toBe(false);
  });

  it('manages keys', async () => {
    const sdk = new JwkApi(new Configuration({ basePath: admin.url }));
    const [set, kid] = ['partner', 'a'];
    const generated = await sdk.createJsonWebKeySet({
      set,
      createJsonWebKeySet: { alg: 'ES256', kid, use: 'sig' },
    });
    expect(generated.data.keys).toMatchObject([{ kid, alg: 'ES256', crv: 'P-256', use: 'sig' }]);
    const [jsonWebKey] = (await sdk.getJsonWebKey({ set, kid })).data.keys ?? [];
    expect((await sdk.setJsonWebKey({ set, kid, ...(jsonWebKey && { jsonWebKey }) })).status).toBe(200);
    expect((await sdk.setJsonWebKeySet({ set, jsonWebKeySet: generated.data })).status).toBe(200);
    expect((await sdk.getJsonWebKeySet({ set })).data.keys).toHaveLength(1);
    expect((await sdk.deleteJsonWebKey({ set, kid })).status).toBe(204);
    expect((await sdk.deleteJsonWebKeySet({ set })).status).toBe(204);
  });
});
