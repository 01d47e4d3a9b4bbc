import { describe, expect, it } from '@jest/globals';
import { type Answer, TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  running.authority.admin(method, path, body);
const metadata = { tier: 'gold', team: { floor: 3, tags: ['<a>', null] } };

describe('the metadata of a client, below /admin (admin-api.md 4.2)', () => {
  const path = '/admin/clients/kept';
  const stored = async (): Promise<unknown> => (await admin('GET', path)).json.metadata;

  it('is answered as it was sent, by every operation', async () => {
    const created = await admin('POST', '/admin/clients', { client_id: 'kept', owner: 'keeper', metadata });
    expect(created).toMatchObject({ status: 201, json: { metadata } });
    expect(await stored()).toEqual(metadata);
    expect((await admin('GET', '/admin/clients?owner=keeper')).json).toMatchObject([{ metadata }]);
    const replaced = await admin('PUT', path, { metadata: { tier: 'silver' } });
    expect(replaced.json.metadata).toEqual({ tier: 'silver' });
    const patched = await admin('PATCH', path, [{ op: 'add', path: '/metadata/floor', value: 4 }]);
    expect(patched.json.metadata).toEqual({ tier: 'silver', floor: 4 });
    expect(await stored()).toEqual({ tier: 'silver', floor: 4 });
  });

  it('is {} unless there is some, and replaced with the client', async () => {
    expect((await admin('PUT', path, {})).json.metadata).toEqual({});
    expect(await stored()).toEqual({});
    expect((await admin('PUT', path, { metadata: null })).json.metadata).toEqual({});
    await admin('POST', '/clients', { client_id: 'of-rc.8' });
    expect((await admin('GET', '/admin/clients/of-rc.8')).json.metadata).toEqual({});
  });

  it.each([['text'], [7], [[]]])('is an object: %j is 400', async (value) => {
    const answer = await admin('POST', '/admin/clients', { metadata: value });
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  it('is neither shown nor lost at the paths of rc.8, nor known there', async () => {
    await admin('PUT', path, { metadata });
    const { json } = await admin('GET', '/clients/kept');
    expect(json).not.toHaveProperty('metadata');
    expect((await admin('PUT', '/clients/kept', { ...json, client_name: 'x', metadata: 7 })).json).toEqual(
      expect.not.objectContaining({ metadata: expect.anything() }),
    );
    expect(await stored()).toEqual(metadata);
    const listed = (await admin('GET', '/clients?limit=500')).json;
    expect(listed.filter((client: object) => 'metadata' in client)).toEqual([]);
  });

  it('is there for login and consent apps of later generations', async () => {
    const client = await running.authority.createClient({ client_id: 'shown' });
    await admin('PATCH', '/admin/clients/shown', [{ op: 'replace', path: '/metadata', value: metadata }]);
    const asked = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const challenge = await running.authority.requestLogin(new TestBrowser(), asked);
    const requests = '/oauth2/auth/requests/login';
    for (const prefix of ['', '/admin']) {
      const shown = await admin('GET', `${prefix}${requests}?login_challenge=${challenge}`);
      expect(shown.json.client).toMatchObject({ client_id: 'shown', metadata });
    }
    expect((await admin('GET', `${requests}/${challenge}`)).json.client).not.toHaveProperty('metadata');
  });
});

it('members of later generations that nothing here goes by are not answered as if it did', async () => {
  const sent = {
    ...{ post_logout_redirect_uris: ['http://a/'], backchannel_logout_uri: 'http://a/', skip_consent: true },
    ...{ authorization_code_grant_access_token_lifespan: '1h', access_token_strategy: 'jwt' },
    ...{ token_endpoint_auth_signing_alg: 'RS256', frontchannel_logout_uri: 'http://a/' },
  };
  const created = await admin('POST', '/admin/clients', { client_id: 'ambitious', ...sent });
  expect(created.status).toBe(201);
  for (const client of [created.json, (await admin('GET', '/admin/clients/ambitious')).json]) {
    expect(Object.keys(client).filter((member) => member in sent)).toEqual([]);
  }
});

describe('a registration below /admin (admin-api.md 4.2)', () => {
  it.each([
    ['invalid_redirect_uri', { redirect_uris: ['no-uri'] }],
    ['invalid_client_metadata', { policy_uri: 'javascript:alert(1)' }],
  ])('is refused as v26.2 does, %s, and taken at the paths of rc.8', async (error, registration) => {
    expect(await admin('POST', '/admin/clients', registration)).toMatchObject({ status: 400, json: { error } });
    expect((await admin('POST', '/clients', registration)).status).toBe(201);
  });

  it('answers lists that were left out as GET does, [], where rc.8 echoes null', async () => {
    const created = await admin('POST', '/admin/clients', { client_id: 'listless' });
    const { client_secret: _secret, ...shown } = created.json;
    expect(shown).toEqual((await admin('GET', '/admin/clients/listless')).json);
    expect((await admin('PUT', '/admin/clients/listless', {})).json.redirect_uris).toEqual([]);
    expect((await admin('PUT', '/clients/listless', {})).json.redirect_uris).toBeNull();
  });
});
