import * as oidc from 'openid-client';
import { type Answer, AuthorityClient, TestBrowser, challengeIn, codeIn } from '#libs/harness';

const subject = 'alice@example.org';
const redirectUri = 'http://127.0.0.1:5555/callback';
const scope = 'openid offline photos';

/** One step: what it does, and what was seen when it held. `run` throws when it does not hold. */
export type Step = { readonly title: string; run(): Promise<string> };

/**
 * From a client's registration to the end of its tokens. What the client does is done by an independent library that verifies what it
 * gets; the two apps and the administrator are the harness's. Its steps build on one another.
 */
export class Journey {
  private readonly authority: AuthorityClient;
  private readonly issuer: URL;
  private readonly browser = new TestBrowser();
  private readonly checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
  private client = { id: '', secret: '' };
  private config: oidc.Configuration | undefined;
  /** Where the browser was sent last. */
  private location: URL;
  private tokens = { access: '', refresh: '' };

  constructor(urls: { adminUrl: string; publicUrl: string }) {
    this.authority = new AuthorityClient(urls, { 'x-reason': 'demo' });
    this.issuer = new URL(`${urls.publicUrl}/`);
    this.location = this.issuer;
  }

  steps(): Step[] {
    return [
      { title: 'an administrator creates a client', run: () => this.createClient() },
      { title: 'the client discovers the authority', run: () => this.discover() },
      { title: 'the browser asks for authorization', run: () => this.requestAuthorization() },
      { title: 'the login app accepts', run: () => this.acceptLogin() },
      { title: 'the consent app accepts', run: () => this.acceptConsent() },
      { title: 'the client redeems the code', run: () => this.redeemCode() },
      { title: 'the client asks who the user is', run: () => this.fetchUserInfo() },
      { title: 'a resource server introspects', run: () => this.introspectLive() },
      { title: 'the client refreshes its tokens', run: () => this.refresh() },
      { title: 'an administrator revokes the consent', run: () => this.revokeConsent() },
      { title: 'a resource server introspects again', run: () => this.introspectRevoked() },
      { title: 'the client tries to refresh again', run: () => this.refreshInVain() },
    ];
  }

  private async createClient(): Promise<string> {
    const { status, json: created } = await this.authority.admin('POST', '/clients', {
      client_name: 'Demo',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope,
    });
    expect({ status }, 'status', 201);
    this.client = { id: text(created, 'client_id'), secret: text(created, 'client_secret') };
    return `201, client ${this.client.id}, its secret shown this one time`;
  }

  private async discover(): Promise<string> {
    const { id, secret } = this.client;
    this.config = await oidc.discovery(this.issuer, id, undefined, oidc.ClientSecretBasic(secret), {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    });
    return `issuer ${this.config.serverMetadata().issuer}`;
  }

  private async requestAuthorization(): Promise<string> {
    const { pkceCodeVerifier, expectedState, expectedNonce } = this.checks;
    const url = oidc.buildAuthorizationUrl(this.discovered, {
      ...{ redirect_uri: redirectUri, scope, state: expectedState, nonce: expectedNonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' },
    });
    this.location = await this.browser.followed(url.href);
    return `sent to the login app, login_challenge ${start(challengeIn(this.location, 'login_challenge'))}`;
  }

  private async acceptLogin(): Promise<string> {
    const challenge = challengeIn(this.location, 'login_challenge');
    expect(await this.authority.loginRequest(challenge), 'skip', false);
    this.location = await this.browser.followed(await this.authority.acceptLogin(challenge, { subject }));
    return `${subject} is sent to the consent app, consent_challenge ${start(challengeIn(this.location, 'consent_challenge'))}`;
  }

  private async acceptConsent(): Promise<string> {
    const challenge = challengeIn(this.location, 'consent_challenge');
    const asked = await this.authority.consentRequest(challenge);
    expect(asked, 'subject', subject);
    const next = await this.authority.acceptConsent(challenge, {
      grant_scope: asked.requested_scope,
      session: { id_token: { picture: 'alice.png' } },
    });
    this.location = await this.browser.followed(next);
    return `the client gets code ${start(codeIn(this.location))}`;
  }

  private async redeemCode(): Promise<string> {
    const tokens = await oidc.authorizationCodeGrant(this.discovered, this.location, this.checks);
    this.keep(tokens);
    const claims = tokens.claims();
    if (claims?.sub !== subject) throw new Error(`the ID token is about ${claims?.sub}`);
    return `access, refresh and ID token; signature, nonce and issuer of the latter verified, sub ${claims.sub}`;
  }

  private async fetchUserInfo(): Promise<string> {
    const info = await oidc.fetchUserInfo(this.discovered, this.tokens.access, subject);
    expect(info, 'picture', 'alice.png');
    return `sub ${info.sub}, picture ${info.picture}`;
  }

  private async introspectLive(): Promise<string> {
    const answer = await this.introspect(this.tokens.access);
    expect(answer, 'active', true);
    expect(answer, 'sub', subject);
    return `active, scope "${text(answer, 'scope')}"`;
  }

  private async refresh(): Promise<string> {
    const before = this.tokens.access;
    this.keep(await oidc.refreshTokenGrant(this.discovered, this.tokens.refresh));
    expect(await this.introspect(before), 'active', false);
    expect(await this.introspect(this.tokens.access), 'active', true);
    return 'new tokens; the old access token is inactive, the new one active';
  }

  private async revokeConsent(): Promise<string> {
    const path = `/oauth2/auth/sessions/consent/${encodeURIComponent(subject)}`;
    expect(await this.authority.admin('DELETE', path), 'status', 204);
    return '204, one event ends everything that rests on it';
  }

  private async introspectRevoked(): Promise<string> {
    expect(await this.introspect(this.tokens.access), 'active', false);
    expect(await this.introspect(this.tokens.refresh), 'active', false);
    return 'access and refresh token inactive';
  }

  private async refreshInVain(): Promise<string> {
    try {
      await oidc.refreshTokenGrant(this.discovered, this.tokens.refresh);
    } catch (error) {
      if (!(error instanceof oidc.ResponseBodyError) || error.error !== 'invalid_grant') throw error;
      return `refused, ${error.status} ${error.error}`;
    }
    throw new Error('the refresh token still works');
  }

  private keep({ access_token: access, refresh_token: refresh }: oidc.TokenEndpointResponse): void {
    if (refresh === undefined) throw new Error('there is no refresh token');
    this.tokens = { access, refresh };
  }

  private async introspect(token: string): Promise<Answer['json']> {
    return (await this.authority.introspect(token)).json;
  }

  private get discovered(): oidc.Configuration {
    if (this.config === undefined) throw new Error('the authority was not discovered yet');
    return this.config;
  }
}

function text(answer: object, member: string): string {
  const value: unknown = Object.getOwnPropertyDescriptor(answer, member)?.value;
  if (typeof value !== 'string') throw new Error(`${member} is no text in ${JSON.stringify(answer)}`);
  return value;
}

function expect(answer: object, member: string, value: unknown): void {
  const found: unknown = Object.getOwnPropertyDescriptor(answer, member)?.value;
  if (found !== value) throw new Error(`${member} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`);
}

function start(secret: string): string {
  return `${secret.slice(0, 8)}…`;
}
