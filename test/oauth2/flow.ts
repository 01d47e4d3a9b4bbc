import { type AuthorityClient, type TestBrowser, challengeIn, until } from '#libs/harness';

export type Client = { readonly id: string; readonly secret: string; readonly redirectUri: string };

/** What the first call asks for, with another scope or more where a test needs it. */
export function parametersOf(client: Client, extra: Record<string, string> = {}): Record<string, string> {
  return { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline', ...extra };
}

/** A client without a secret. */
export async function publicClient(
  authority: AuthorityClient,
  registration: Record<string, unknown> = {},
): Promise<Client> {
  return authority.createClient({ token_endpoint_auth_method: 'none', ...registration });
}

/** First and second call: where the browser goes after the login app accepted. */
export async function afterLogin(
  authority: AuthorityClient,
  browser: TestBrowser,
  parameters: Record<string, string>,
  login: Record<string, unknown> = {},
): Promise<URL> {
  const challenge = await authority.requestLogin(browser, parameters);
  return browser.followed(await authority.acceptLogin(challenge, { subject: 'alice', ...login }));
}

/** First and second call, up to the consent app: the challenge it gets. @throws when the browser is not sent there */
export async function reachConsent(
  authority: AuthorityClient,
  browser: TestBrowser,
  parameters: Record<string, string>,
  login: Record<string, unknown> = {},
): Promise<string> {
  return challengeIn(await afterLogin(authority, browser, parameters, login), 'consent_challenge');
}

/** A whole flow of alice whose login and consent are both remembered. */
export async function rememberAlice(
  authority: AuthorityClient,
  browser: TestBrowser,
  parameters: Record<string, string>,
): Promise<URL> {
  return authority.authorize(browser, parameters, {
    subject: 'alice',
    login: { remember: true },
    consent: { remember: true },
  });
}

/** The error a redirect carries. */
export function errorIn(url: URL): string | null {
  return url.searchParams.get('error');
}

/** Waits until so much time has passed since a moment; for what the authority decides by its clock alone. */
export async function sinceMoment(moment: number, milliseconds: number): Promise<void> {
  await until(`${milliseconds} ms have passed`, async () => Date.now() > moment + milliseconds);
}
