import { describe, expect, it } from '@jest/globals';
import { publishedKeys } from './id-tokens.js';
import { runningAuthority } from '#libs/testing';

const discovery = async (publicUrl: string): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${publicUrl}/.well-known/openid-configuration`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return (await answer.json()) as Record<string, unknown>;
};

describe('discovery (OpenID Connect Discovery 1.0 3)', () => {
  const running = runningAuthority();

  it("#73 says what this server does, at the issuer's addresses", async () => {
    const issuer = `${running.publicUrl}/`;
    expect(await discovery(running.publicUrl)).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}oauth2/auth`,
      token_endpoint: `${issuer}oauth2/token`,
      jwks_uri: `${issuer}.well-known/jwks.json`,
      userinfo_endpoint: `${issuer}userinfo`,
      revocation_endpoint: `${issuer}oauth2/revoke`,
      subject_types_supported: ['public'],
      response_types_supported: ['code'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      claims_parameter_supported: false,
    });
  });

  it('#73 promises nothing it would refuse', async () => {
    const document = await discovery(running.publicUrl);
    expect(document).not.toHaveProperty('registration_endpoint');
    expect(document).not.toHaveProperty('end_session_endpoint');
    expect(document.request_parameter_supported).toBe(false);
    expect(document.request_uri_parameter_supported).toBe(false);
    const methods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'];
    expect(document.token_endpoint_auth_methods_supported).toEqual(methods);
    expect(document.revocation_endpoint_auth_methods_supported).toEqual(methods);
    expect(document.token_endpoint_auth_signing_alg_values_supported).toEqual(['RS256']);
  });

  it('D11 claims and scopes each in their own list', async () => {
    const document = await discovery(running.publicUrl);
    expect(document.claims_supported).toEqual(['sub']);
    expect(document.scopes_supported).toEqual(expect.arrayContaining(['offline', 'openid']));
    expect(document.scopes_supported).not.toContain('sub');
  });

  it('1.1 is not on the admin listener, and not for POST', async () => {
    expect((await running.authority.admin('GET', '/.well-known/openid-configuration')).status).toBe(404);
    expect((await running.authority.admin('GET', '/.well-known/jwks.json')).status).toBe(404);
    const post = await fetch(`${running.publicUrl}/.well-known/openid-configuration`, { method: 'POST' });
    expect(post.status).toBe(405);
  });
});

describe('discovery, configured', () => {
  const running = runningAuthority({
    URLS_SELF_ISSUER: 'https://id.example.org/tenant',
    URLS_SELF_PUBLIC: 'https://public.example.org/',
    WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS: 'name,email',
    WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE: 'photos',
    WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL: 'https://register.example.org/',
    WEBFINGER_JWKS_BROADCAST_KEYS: 'hydra.openid.id-token',
  });

  it('#73 adds what is configured; the issuer has one slash at the end and keeps its path', async () => {
    expect(await discovery(running.publicUrl)).toMatchObject({
      issuer: 'https://id.example.org/tenant/',
      authorization_endpoint: 'https://id.example.org/tenant/oauth2/auth',
      jwks_uri: 'https://id.example.org/tenant/.well-known/jwks.json',
      userinfo_endpoint: 'https://public.example.org/userinfo',
      registration_endpoint: 'https://register.example.org/',
      claims_supported: ['sub', 'name', 'email'],
      scopes_supported: expect.arrayContaining(['photos', 'openid', 'offline']),
    });
  });

  it('D9 a set that is listed twice is published once', async () => {
    const { keys } = await publishedKeys(running.publicUrl);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
  });

  it('1.13 cookies are Secure behind an https issuer', async () => {
    const client = await running.authority.createClient();
    const query = new URLSearchParams({ client_id: client.id, response_type: 'code', state: 'some-state' });
    const answer = await fetch(`${running.publicUrl}/oauth2/auth?${query.toString()}`, { redirect: 'manual' });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^oauth2_authentication_csrf=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });
});
