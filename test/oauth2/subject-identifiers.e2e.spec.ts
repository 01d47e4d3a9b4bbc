import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Tokens, TestBrowser, challengeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, afterLogin, errorIn, parametersOf, reachConsent } from './flow.js';

const salt = '76d5d2bf-747f-4592-9fbd-d2b895a54b3a';

async function pairwiseOf(sector: string, subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${sector}${subject}${salt}`));
  return Buffer.from(digest).toString('hex');
}

describe('subject identifiers (OpenID Connect Core 1.0 8)', () => {
  const running = runningAuthority({
    OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'public,pairwise',
    OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT: salt,
  });
  const pairwiseClient = (registration = {}): Promise<Client> =>
    running.authority.createClient({ subject_type: 'pairwise', ...registration });
  const subOf = ({ id_token: token = '' }: Tokens): string | undefined => decodeJwt(token).sub;
  const userinfoSub = async ({ access_token: token }: Tokens): Promise<string> => {
    const answer = await fetch(`${running.publicUrl}/userinfo?access_token=${token}`);
    return ((await answer.json()) as { sub: string }).sub;
  };

  it('#36 8.1 the formula of the reference vector', async () => {
    expect(await pairwiseOf('foo', 'auth-user')).toBe(
      'c737d5e1fec8896d096d49f6b1a73eb45ac7becb87de9ac3f0a350bad2a9c9fd',
    );
  });

  it('#36 a pairwise client knows the subject by host, subject and salt; everybody else by its name', async () => {
    const client = await pairwiseClient();
    const expected = await pairwiseOf('127.0.0.1:5555', 'alice');
    const challenge = await reachConsent(running.authority, new TestBrowser(), parametersOf(client));
    expect((await running.authority.consentRequest(challenge)).subject).toBe('alice');
    const tokens = await running.authority.obtainTokens(client, { subject: 'alice' });
    expect(subOf(tokens)).toBe(expected);
    expect(await userinfoSub(tokens)).toBe(expected);
    const { json } = await running.authority.introspect(tokens.access_token);
    expect(json).toMatchObject({ sub: 'alice', obfuscated_subject: expected });
    const { json: refreshed } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect(subOf(refreshed)).toBe(expected);
    expect((await running.authority.introspect(refreshed.access_token)).json.obfuscated_subject).toBe(expected);
  });

  it('a public client of the same server knows the subject itself', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client, { subject: 'alice' });
    expect(subOf(tokens)).toBe('alice');
    expect((await running.authority.introspect(tokens.access_token)).json).not.toHaveProperty('obfuscated_subject');
  });

  it('2.11 clients of one sector share the identifier, of others not', async () => {
    const [one, two] = [await pairwiseClient(), await pairwiseClient()];
    const far = await pairwiseClient({ redirect_uris: ['http://127.0.0.1:6666/callback'] });
    const subs = await Promise.all(
      [one, two, { ...far, redirectUri: 'http://127.0.0.1:6666/callback' }].map(async (client) =>
        subOf(await running.authority.obtainTokens(client, { subject: 'alice' })),
      ),
    );
    expect(subs[0]).toBe(subs[1]);
    expect(subs[2]).not.toBe(subs[0]);
  });

  it('2.11 several redirect URIs and no sector: invalid_request after the login', async () => {
    const client = await pairwiseClient({
      redirect_uris: ['http://127.0.0.1:5555/callback', 'http://127.0.0.1:6666/callback'],
    });
    expect(errorIn(await afterLogin(running.authority, new TestBrowser(), parametersOf(client)))).toBe(
      'invalid_request',
    );
  });

  it("#37 a hint with the pairwise identifier, and one with somebody else's", async () => {
    const client = await pairwiseClient();
    const browser = new TestBrowser();
    const { id_token: hint = '' } = await running.authority.obtainTokens(client, {
      browser,
      subject: 'alice',
      login: { remember: true },
    });
    const parameters = parametersOf(client, { id_token_hint: hint });
    const login = await running.authority.requestLogin(browser, parameters);
    expect((await running.authority.loginRequest(login)).skip).toBe(true);
    const next = await running.authority.acceptLogin(login, { subject: 'alice' });
    expect((await browser.followed(next)).pathname).toBe('/consent');
    const bobs = await afterLogin(running.authority, new TestBrowser(), parameters, { subject: 'bob' });
    expect(errorIn(bobs)).toBe('login_required');
  });

  it('#38 a forced identifier', async () => {
    const client = await pairwiseClient();
    const login = { force_subject_identifier: 'employee-7' };
    const tokens = await running.authority.obtainTokens(client, { subject: 'alice', login });
    expect(subOf(tokens)).toBe('employee-7');
    expect(await userinfoSub(tokens)).toBe('employee-7');
    const { json } = await running.authority.introspect(tokens.access_token);
    expect(json).toMatchObject({ sub: 'alice', obfuscated_subject: 'employee-7' });
  });

  it('#38 is for this flow only, and a hint with it needs it again', async () => {
    const client = await pairwiseClient();
    const browser = new TestBrowser();
    const login = { force_subject_identifier: 'employee-7', remember: true };
    const { id_token: hint = '' } = await running.authority.obtainTokens(client, { browser, subject: 'alice', login });
    expect(subOf(await running.authority.obtainTokens(client, { browser, subject: 'alice' }))).toBe(
      await pairwiseOf('127.0.0.1:5555', 'alice'),
    );
    const parameters = parametersOf(client, { id_token_hint: hint });
    const challenge = challengeIn(
      await browser.followed(running.authority.authorizationUrl(parameters)),
      'login_challenge',
    );
    expect((await running.authority.loginRequest(challenge)).skip).toBe(true);
    const without = await browser.followed(await running.authority.acceptLogin(challenge, { subject: 'alice' }));
    expect(errorIn(without)).toBe('login_required');
    const again = await afterLogin(running.authority, browser, parameters, { force_subject_identifier: 'employee-7' });
    expect(again.pathname).toBe('/consent');
  });

  it('#38 means nothing to a public client', async () => {
    const client = await running.authority.createClient();
    const login = { force_subject_identifier: 'employee-7' };
    expect(subOf(await running.authority.obtainTokens(client, { subject: 'alice', login }))).toBe('alice');
  });

  it('D4 a session whose pairwise identifier the hint does not name is asked again', async () => {
    const client = await pairwiseClient();
    const { id_token: hint = '' } = await running.authority.obtainTokens(client, { subject: 'alice' });
    const browser = new TestBrowser();
    await afterLogin(running.authority, browser, parametersOf(client), { subject: 'bob', remember: true });
    const login = await running.authority.requestLogin(browser, parametersOf(client, { id_token_hint: hint }));
    expect((await running.authority.loginRequest(login)).skip).toBe(false);
  });

  it('1.6 discovery names both subject types', async () => {
    const answer = await fetch(`${running.publicUrl}/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({ subject_types_supported: ['public', 'pairwise'] });
  });
});

describe('subject identifiers, pairwise not enabled', () => {
  const running = runningAuthority();

  it('2.11 no client can ask for them', async () => {
    expect((await running.authority.admin('POST', '/clients', { subject_type: 'pairwise' })).status).toBe(400);
  });
});
