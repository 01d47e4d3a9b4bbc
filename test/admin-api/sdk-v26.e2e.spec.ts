import { describe, expect, it } from '@jest/globals';
import { Configuration, JwkApi, OAuth2Api } from '@ory/hydra-client';
import { TestBrowser, challengeIn, codeIn } from '#libs/testing';
import { runningAuthority } from '../oauth2/running-authority.js';
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
    expect(login).toMatchObject({ challenge: loginChallenge, skip: false });
    const loggedIn = await sdk.acceptOAuth2LoginRequest({
      loginChallenge,
      acceptOAuth2LoginRequest: { subject, remember: true, amr: ['pwd'], extend_session_lifespan: true },
    });
    const consentChallenge = challengeIn(await browser.followed(loggedIn.data.redirect_to), 'consent_challenge');
    await expect(sdk.getOAuth2LoginRequest({ loginChallenge })).rejects.toMatchObject({
      response: { status: 410, data: { redirect_to: login.request_url } },
    });

    const consent = (await sdk.getOAuth2ConsentRequest({ consentChallenge })).data;
    expect(consent).toMatchObject({ subject, consent_request_id: consentChallenge });
    const granted = await sdk.acceptOAuth2ConsentRequest({
      consentChallenge,
      acceptOAuth2ConsentRequest: {
        grant_scope: consent.requested_scope ?? [],
        context: { theme: 'dark' },
        session: { access_token: { plan: 'gold' } },
      },
    });
    const code = codeIn(await browser.followed(granted.data.redirect_to));
    const client = { id: 'photo-prints', secret: 'correct-horse', redirectUri };
    const tokens = (await authority.exchange(client, code)).json;

    const introspected = (await sdk.introspectOAuth2Token({ token: tokens.access_token, scope: 'photos' })).data;
    expect(introspected).toMatchObject({ active: true, sub: subject, token_type: 'Bearer', token_use: 'access_token' });
    const sessions = (await sdk.listOAuth2ConsentSessions({ subject })).data;
    expect(sessions).toMatchObject([{ consent_request_id: consentChallenge, consent_request: { subject } }]);
    expect((await sdk.revokeOAuth2ConsentSessions({ subject, client: 'photo-prints' })).status).toBe(204);
    expect((await sdk.introspectOAuth2Token({ token: tokens.access_token })).data.active).toBe(false);
    expect((await sdk.revokeOAuth2ConsentSessions({ subject, all: true })).status).toBe(204);
    expect((await sdk.revokeOAuth2LoginSessions({ subject })).status).toBe(204);
    expect((await sdk.deleteOAuth2Client({ id: 'photo-prints' })).status).toBe(204);
    await expect(sdk.deleteOAuth2Client({ id: 'photo-prints' })).rejects.toMatchObject({ response: { status: 404 } });
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
