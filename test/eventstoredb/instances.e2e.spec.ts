import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  AuthorityClient,
  type AuthorityProcess,
  TestBrowser,
  challengeIn,
  codeIn,
  scratchFolder,
  startAuthority,
  until,
} from '#libs/harness';
import { assertionType, clientKey, method, signedAssertion } from '../oauth2/client-keys.js';
import { type StoreUnderTest, storesUnderTest } from './event-store-under-test.js';

const chosenSecret = 'a chosen secret';

describe.each(storesUnderTest)('three instances on %s', (_name, open) => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let store: StoreUnderTest;
  let a: AuthorityClient;
  let b: AuthorityClient;
  let c: AuthorityClient;
  let processes: AuthorityProcess[];

  beforeAll(async () => {
    store = await open();
    cleanUps.push(() => store.close());
    // all at once, on an empty store: the first starts race for the root key and the signing key
    const issuer = { URLS_SELF_ISSUER: 'http://issuer.example.org/' };
    processes = await Promise.all(
      [{}, {}, { INTROSPECTION_CONSISTENCY: 'bounded' }].map((env) => start({ ...issuer, ...env })),
    );
    [a, b, c] = processes.map((process) => new AuthorityClient(process)) as [
      AuthorityClient,
      AuthorityClient,
      AuthorityClient,
    ];
  }, 60_000);

  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  async function start(env: Record<string, string>): Promise<AuthorityProcess> {
    const { folder, remove } = await scratchFolder();
    cleanUps.push(remove);
    const process = await startAuthority(folder, { ...store.env, ...env });
    cleanUps.push(() => process.stop());
    return process;
  }

  /** A URL of the issuer as this instance serves it. */
  const at = (instance: AuthorityClient, url: string): string =>
    url.replace(/^http:\/\/(issuer\.example\.org|localhost:\d+)/, instance.urls.publicUrl);

  /** The browser's part of a flow, each step on another instance. */
  async function codeFromThree(client: { id: string; redirectUri: string }, subject: string): Promise<string> {
    const browser = new TestBrowser();
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
    const login = challengeIn(await browser.followed(a.authorizationUrl(parameters)), 'login_challenge');
    const afterLogin = await b.acceptLogin(login, { subject });
    const consent = challengeIn(await browser.followed(at(c, afterLogin)), 'consent_challenge');
    const afterConsent = await a.acceptConsent(consent, { grant_scope: ['openid', 'offline'] });
    return codeIn(await browser.followed(at(b, afterConsent)));
  }

  it('made one root key and one signing key of three first starts', async () => {
    const documents = await Promise.all(
      [a, b, c].map(async ({ urls }) => (await fetch(`${urls.publicUrl}/.well-known/jwks.json`)).text()),
    );
    expect(new Set(documents).size).toBe(1);
    expect(JSON.parse(documents[0] ?? '').keys).toHaveLength(1);
  });

  it('show a client created, changed and deleted on another instance at once', async () => {
    const { id } = await a.createClient({ client_name: 'first' });
    expect((await b.admin('GET', `/clients/${id}`)).json.client_name).toBe('first');
    await b.admin('PUT', `/clients/${id}`, { client_name: 'second' });
    expect((await c.admin('GET', `/clients/${id}`)).json.client_name).toBe('second');
    await c.admin('DELETE', `/clients/${id}`);
    expect((await a.admin('GET', `/clients/${id}`)).status).toBe(404);
  });

  it('honour a rotated secret on another instance at once', async () => {
    const client = await a.createClient();
    const token = (secret: string) =>
      b.form('/oauth2/token', { grant_type: 'client_credentials' }, { id: client.id, secret });
    expect((await token(client.secret)).status).toBe(200);
    const { json: registration } = await a.admin('GET', `/clients/${client.id}`);
    await a.admin('PUT', `/clients/${client.id}`, { ...registration, client_secret: chosenSecret });
    expect((await token(client.secret)).status).toBe(401);
    expect((await token(chosenSecret)).status).toBe(200);
  });

  it('complete a flow whose steps each go to another instance, and end it everywhere with its consent', async () => {
    const client = await a.createClient();
    const code = await codeFromThree(client, 'flow@example.org');
    const { json: tokens } = await c.exchange(client, code);
    expect(await a.isActive(tokens.access_token)).toBe(true);
    expect(await b.isActive(tokens.access_token)).toBe(true);
    expect((await b.admin('DELETE', '/oauth2/auth/sessions/consent/flow%40example.org')).status).toBe(204);
    expect(await a.isActive(tokens.access_token)).toBe(false);
    expect(await a.isActive(tokens.refresh_token)).toBe(false);
    await until('the bounded instance follows', async () => !(await c.isActive(tokens.access_token)), 1000);
  });

  it('know a token of another instance at once', async () => {
    const client = await a.createClient();
    for (const [from, to] of [
      [a, b],
      [b, a],
      [c, a],
    ] as const) {
      const { json } = await from.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
      expect(await to.isActive(json.access_token)).toBe(true);
    }
  });

  it('give one success for a code redeemed on two instances in parallel, and end its tokens', async () => {
    const client = await a.createClient();
    const code = await codeFromThree(client, 'race@example.org');
    const answers = await Promise.all([a, b, a, b].map((instance) => instance.exchange(client, code)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(await b.isActive(won[0]?.json.access_token)).toBe(false);
  });

  it('let a client assertion that is sent to all of them at once count on one', async () => {
    const key = await clientKey('one');
    const { id } = await a.createClient({ ...method, jwks: { keys: [key.publicJwk] } });
    const audience = { aud: 'http://issuer.example.org/oauth2/token' };
    for (let round = 0; round < 3; round += 1) {
      const exp = Math.floor(Date.now() / 1000) + 60;
      const claims = { iss: id, sub: id, ...audience, jti: crypto.randomUUID(), exp };
      const form = { client_assertion_type: assertionType, client_assertion: await signedAssertion(key, claims) };
      const asked = [a, b, c].map((instance) =>
        instance.form('/oauth2/token', { grant_type: 'client_credentials', ...form }),
      );
      expect((await Promise.all(asked)).map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
      expect((await c.form('/oauth2/token', { grant_type: 'client_credentials', ...form })).status).toBe(401);
    }
  });

  it('answer a request sent to all of them at once with the same Idempotency-Key as one, and a repeat elsewhere', async () => {
    const everywhere = (path: string, body: object): Promise<Answer[]> =>
      Promise.all(
        [a, b, c, a, b, c].map((instance) => instance.admin('POST', path, body, { 'idempotency-key': 'everywhere' })),
      );
    for (const [path, body] of [
      ['/clients', { client_name: 'one' }],
      ['/keys/everywhere', { alg: 'ES512' }],
    ] as const) {
      const [first, ...others] = await everywhere(path, body);
      expect(first?.status).toBe(201);
      for (const { status, text } of others) expect({ status, text }).toEqual({ status: 201, text: first?.text });
      const [again] = await everywhere(path, body);
      expect(again?.text).toBe(first?.text);
    }
    expect((await b.admin('GET', '/keys/everywhere')).json.keys).toHaveLength(2);
    const reused = await c.admin('POST', '/clients', {}, { 'idempotency-key': 'everywhere' });
    expect(reused.status).toBe(422);
  });

  it('refuse a second accept of a login on another instance', async () => {
    const client = await a.createClient();
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const challenge = await a.requestLogin(new TestBrowser(), parameters);
    const accept = (instance: AuthorityClient) =>
      instance.admin('PUT', `/oauth2/auth/requests/login/${challenge}/accept`, { subject: 'twice@example.org' });
    const statuses = (await Promise.all([a, b, c].map(accept))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 409, 409]);
  });

  it('sign with a key rotated on another instance', async () => {
    const { json } = await a.admin('POST', '/keys/hydra.openid.id-token', { alg: 'RS256', use: 'sig' });
    const kid: string = json.keys[1].kid;
    const client = await b.createClient();
    const code = await codeFromThree(client, 'keys@example.org');
    const { json: tokens } = await b.exchange(client, code);
    expect(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url').toString()).kid).toBe(kid);
  });

  it('find a session revoked on another instance gone at once', async () => {
    const client = await a.createClient();
    const browser = new TestBrowser();
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid' };
    const first = await a.requestLogin(browser, parameters);
    await browser.followed(at(a, await a.acceptLogin(first, { subject: 'session@example.org', remember: true })));
    const remembered = await a.requestLogin(browser, parameters);
    expect((await a.admin('GET', `/oauth2/auth/requests/login/${remembered}`)).json.skip).toBe(true);
    await b.admin('DELETE', '/oauth2/auth/sessions/login/session%40example.org');
    const asked = await a.requestLogin(browser, parameters);
    expect((await a.admin('GET', `/oauth2/auth/requests/login/${asked}`)).json.skip).toBe(false);
  });
});
