import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { afterLogin, parametersOf, reachConsent } from './flow.js';

const sessionCookie = 'oauth2_authentication_session';

describe('what an answer tells browsers and caches', () => {
  const running = runningAuthority();
  const at = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(running.publicUrl + path, { redirect: 'manual', ...init });
  const form = (members: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
    ...{ method: 'POST', body: new URLSearchParams(members), headers },
  });

  it.each(['consent', 'error?error=%3Cscript%3E', 'logout'])(
    'a page runs and loads nothing, framed nowhere: %s',
    async (page) => {
      const { headers } = await at(`/oauth2/fallbacks/${page}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]));
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it('nothing public is taken for what it is not', async () => {
    for (const path of ['/userinfo', '/oauth2/auth', '/.well-known/jwks.json', '/nowhere'])
      expect([path, (await at(path)).headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
  });

  it('nobody keeps tokens, codes, claims or what refuses them; keys and discovery may be kept', async () => {
    for (const path of ['/oauth2/token', '/oauth2/revoke', '/userinfo'])
      expect([path, (await at(path, form({}))).headers.get('cache-control')]).toEqual([path, 'no-store']);
    const logout = await at('/oauth2/auth/sessions/login/revoke');
    expect(logout.headers.get('cache-control')).toBe('no-store');
    for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration'])
      expect([path, (await at(path)).headers.get('cache-control')]).toEqual([path, null]);
  });

  it('nobody keeps secrets and keys of the Admin API', async () => {
    const { authority } = running;
    const client = await authority.admin('POST', '/clients', {});
    const keys = await authority.admin('POST', '/keys/kept-by-nobody', { alg: 'HS256', kid: 'k' });
    const shown = await authority.admin('GET', '/keys/kept-by-nobody');
    const introspected = await authority.introspect('any');
    for (const { headers } of [client, keys, shown, introspected])
      expect(headers.get('cache-control')).toBe('no-store');
  });

  it('RFC 6749 5.2: who failed by a header is told by which scheme to try again', async () => {
    const wrong = { authorization: `Basic ${Buffer.from('nobody:nothing').toString('base64')}` };
    for (const path of ['/oauth2/token', '/oauth2/revoke']) {
      const byHeader = await at(path, form({ grant_type: 'client_credentials' }, wrong));
      expect([byHeader.status, byHeader.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="clients", charset="UTF-8"',
      ]);
      const inBody = await at(path, form({ grant_type: 'client_credentials', client_id: 'nobody' }));
      expect([inBody.status, inBody.headers.get('www-authenticate')]).toEqual([401, null]);
    }
  });

  it('RFC 9207 2: who answers is in every answer to the client', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const refused = await browser.followed(
      running.authority.authorizationUrl({ ...parametersOf(client), prompt: 'none' }),
    );
    expect(refused.searchParams.get('error')).toBe('login_required');
    const challenge = await reachConsent(running.authority, browser, parametersOf(client));
    const granted = await browser.followed(
      await running.authority.acceptConsent(challenge, { grant_scope: ['openid'] }),
    );
    expect(granted.searchParams.get('code')).not.toBeNull();
    const metadata = (await (await at('/.well-known/openid-configuration')).json()) as Record<string, unknown>;
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true);
    for (const { searchParams } of [refused, granted]) expect(searchParams.get('iss')).toBe(metadata.issuer);
  });

  it('a cookie that comes twice is as good as none', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { subject: 'ann', remember: true });
    const value = browser.cookie(sessionCookie) ?? '';
    const skips = async (cookie: string): Promise<boolean> => {
      const url = running.authority.authorizationUrl(parametersOf(client));
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      const challenge = new URL(answer.headers.get('location') ?? '').searchParams.get('login_challenge') ?? '';
      return (await running.authority.loginRequest(challenge)).skip;
    };
    expect(await skips(`${sessionCookie}=${value}`)).toBe(true);
    expect(await skips(`${sessionCookie}=${value}; ${sessionCookie}=another`)).toBe(false);
    expect(await skips(`${sessionCookie}=${value}; a=b; ${sessionCookie}=${value}`)).toBe(false);
  });
});

describe('cookies that no neighbour in the domain can set', () => {
  const running = runningAuthority({
    ...{ URLS_SELF_ISSUER: 'https://id.example.org/', SERVE_COOKIES_HOST_PREFIX: 'true' },
  });

  it('are known by their names, and no others are', async () => {
    const client = await running.authority.createClient();
    const browser = new TestBrowser();
    const url = running.authority.authorizationUrl(parametersOf(client));
    const answer = await browser.visit(url);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-oauth2_authentication_csrf=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    const csrf = (visited: Response): string => visited.headers.getSetCookie()[0]?.split(';')[0]?.split('.')[2] ?? '';
    const csrfIn = (visited: Response): unknown => JSON.parse(Buffer.from(csrf(visited), 'base64url').toString()).csrf;
    expect(csrfIn(await browser.visit(url))).toBe(csrfIn(answer)); // it is read
    const plain = { cookie: `oauth2_authentication_csrf=${browser.cookie('__Host-oauth2_authentication_csrf') ?? ''}` };
    expect(csrfIn(await fetch(url, { redirect: 'manual', headers: plain }))).not.toBe(csrfIn(answer));
  });
});
