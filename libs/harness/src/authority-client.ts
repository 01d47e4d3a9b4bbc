import { TestBrowser } from './browser.js';
import { expectDocumented } from './documented-answers.js';

/** An answer with its body parsed as JSON where it is JSON, else `undefined`. */
export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: any }; // eslint-disable-line @typescript-eslint/no-explicit-any -- bodies under test have any shape

type Urls = { readonly adminUrl: string; readonly publicUrl: string };

/** The tokens of a code exchange or refresh. */
export type Tokens = {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
};

/** What the two apps decide in a flow. */
export type Decisions = {
  readonly subject?: string;
  readonly login?: Record<string, unknown>;
  readonly consent?: Record<string, unknown>;
};

/**
 * Drives an authority over HTTP as administrators, login and consent apps, clients and browsers do: the one piece of code that knows
 * the way from the first call of a flow to its tokens. Tests and the demo take it whole (`obtainTokens`) or step by step; the
 * benchmarks go it themselves, on connections of their own (bench/code-journey.ts).
 */
export class AuthorityClient {
  /** @param headers of every request to the admin listener, unless it names its own */
  constructor(
    readonly urls: Urls,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /**
   * A request to the admin listener; an object body is sent as JSON, a string as it is.
   *
   * @throws when the answer is not one that docs/openapi.json describes
   */
  async admin(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send(`${this.urls.adminUrl}${path}`, method, text, { ...this.headers, ...headers });
    const { status, headers: answered } = answer;
    expectDocumented(method, path, { status, text: answer.text, header: (name) => answered.get(name) });
    return answer;
  }

  /** A form to an endpoint of the public listener, with Basic credentials if given. */
  form(path: string, form: Record<string, string>, basic?: { id: string; secret: string }): Promise<Answer> {
    return send(`${this.urls.publicUrl}${path}`, 'POST', new URLSearchParams(form).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      ...(basic === undefined ? {} : { authorization: basicHeader(basic) }),
    });
  }

  introspect(token: string, extra: Record<string, string> = {}): Promise<Answer> {
    return this.admin('POST', '/oauth2/introspect', new URLSearchParams({ token, ...extra }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
  }

  async isActive(token: string): Promise<boolean> {
    return (await this.introspect(token)).json.active;
  }

  /** The first URL of a flow. `state` is there unless overridden. */
  authorizationUrl(parameters: Record<string, string>): string {
    const query = new URLSearchParams({ response_type: 'code', state: 'some-state-value', ...parameters });
    return `${this.urls.publicUrl}/oauth2/auth?${query.toString()}`;
  }

  /** First call; returns the login challenge. @throws when the browser is not sent to the login app */
  async requestLogin(browser: TestBrowser, parameters: Record<string, string>): Promise<string> {
    return challengeIn(await browser.followed(this.authorizationUrl(parameters)), 'login_challenge');
  }

  /** What the login app is told of a request. @throws when there is none */
  async loginRequest(challenge: string): Promise<Answer['json']> {
    return jsonOf(await this.admin('GET', `/oauth2/auth/requests/login/${challenge}`));
  }

  /** What the consent app is told of a request. @throws when there is none */
  async consentRequest(challenge: string): Promise<Answer['json']> {
    return jsonOf(await this.admin('GET', `/oauth2/auth/requests/consent/${challenge}`));
  }

  /** The login app accepts; returns where the browser goes next. */
  async acceptLogin(challenge: string, body: Record<string, unknown>): Promise<string> {
    return jsonOf(await this.admin('PUT', `/oauth2/auth/requests/login/${challenge}/accept`, body)).redirect_to;
  }

  /** The consent app accepts; returns where the browser goes next. */
  async acceptConsent(challenge: string, body: Record<string, unknown>): Promise<string> {
    return jsonOf(await this.admin('PUT', `/oauth2/auth/requests/consent/${challenge}/accept`, body)).redirect_to;
  }

  /** Goes through login and consent; grants what was requested unless the decisions say otherwise. Returns the final redirect. */
  async authorize(browser: TestBrowser, parameters: Record<string, string>, decisions: Decisions = {}): Promise<URL> {
    const loginChallenge = await this.requestLogin(browser, parameters);
    const afterLogin = await this.acceptLogin(loginChallenge, {
      subject: decisions.subject ?? 'alice@example.org',
      ...decisions.login,
    });
    const consentChallenge = challengeIn(await browser.followed(afterLogin), 'consent_challenge');
    const asked = await this.consentRequest(consentChallenge);
    const afterConsent = await this.acceptConsent(consentChallenge, {
      grant_scope: asked.requested_scope,
      grant_access_token_audience: asked.requested_access_token_audience,
      ...decisions.consent,
    });
    return browser.followed(afterConsent);
  }

  /** The whole code flow of a confidential client (Basic). @throws when a step fails */
  async obtainTokens(
    client: { id: string; secret: string; redirectUri: string },
    {
      scope = 'openid offline',
      browser = new TestBrowser(),
      ...decisions
    }: Decisions & { scope?: string; browser?: TestBrowser } = {},
  ): Promise<Tokens> {
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope };
    const code = codeIn(await this.authorize(browser, parameters, decisions));
    const answer = await this.exchange(client, code);
    if (answer.status !== 200) throw new Error(`exchange failed: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  exchange(client: { id: string; secret: string; redirectUri: string }, code: string): Promise<Answer> {
    return this.form(
      '/oauth2/token',
      { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri },
      client,
    );
  }

  refresh(client: { id: string; secret: string }, refreshToken: string): Promise<Answer> {
    return this.form('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, client);
  }

  /** Registers a confidential client for the code flow with everything a test may want; members can be overridden. */
  async createClient(
    registration: Record<string, unknown> = {},
  ): Promise<{ id: string; secret: string; redirectUri: string }> {
    const redirectUri = 'http://127.0.0.1:5555/callback';
    const answer = await this.admin('POST', '/clients', {
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      scope: 'openid offline offline_access photos foo.*',
      audience: ['https://api.example.org/'],
      ...registration,
    });
    if (answer.status !== 201) throw new Error(`client not created: ${answer.status} ${answer.text}`);
    return { id: answer.json.client_id, secret: answer.json.client_secret ?? '', redirectUri };
  }
}

/** @throws when the URL has no such challenge */
export function challengeIn(url: URL, name: 'login_challenge' | 'consent_challenge'): string {
  const challenge = url.searchParams.get(name);
  if (challenge === null) throw new Error(`no ${name} in ${url.href}`);
  return challenge;
}

/** @throws when the URL has no code */
export function codeIn(url: URL): string {
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`no code in ${url.href}`);
  return code;
}

/** @throws when the answer is no 200 */
function jsonOf({ status, text, json }: Answer): Answer['json'] {
  if (status !== 200) throw new Error(`200 was expected, not ${status}: ${text}`);
  return json;
}

function basicHeader({ id, secret }: { id: string; secret: string }): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

async function send(
  url: string,
  method: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined; // not JSON
  }
  return { status: response.status, headers: response.headers, text, json };
}
