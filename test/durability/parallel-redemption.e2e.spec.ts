import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  AuthorityClient,
  type AuthorityProcess,
  TestBrowser,
  codeIn,
  scratchFolder,
  startAuthority,
} from '#libs/harness';

const times = 20;

describe.each(['revoke', 'ignore'])('20 at the same time, with OAUTH2_REFRESH_TOKEN_REUSE=%s', (reuse) => {
  let dataDir: string;
  let remove: () => Promise<void>;
  let process: AuthorityProcess;
  let authority: AuthorityClient;
  let client: { id: string; secret: string; redirectUri: string };
  const parameters = (): Record<string, string> => ({
    ...{ client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' },
  });

  beforeAll(async () => {
    const scratch = await scratchFolder();
    dataDir = scratch.folder;
    remove = () => scratch.remove();
    process = await startAuthority(dataDir, { OAUTH2_REFRESH_TOKEN_REUSE: reuse });
    authority = new AuthorityClient(process);
    client = await authority.createClient();
  });
  afterAll(async () => {
    await process.stop();
    await remove();
  });

  it('redemptions of a code: one gets tokens, which end as the code was replayed (RFC 6749 4.1.2)', async () => {
    const code = codeIn(await authority.authorize(new TestBrowser(), parameters()));
    const answers = await atOnce(() => authority.exchange(client, code));
    const [winner] = one(answers, 200, 400);
    expect(rest(answers, 200)).toEqual(Array(times - 1).fill('invalid_grant'));
    expect(await authority.isActive(winner.access_token)).toBe(false);
    expect(await authority.isActive(winner.refresh_token)).toBe(false);
    expect((await authority.refresh(client, winner.refresh_token)).status).toBe(400);
  });

  it(`uses of a refresh token: one gets tokens, which ${reuse === 'revoke' ? 'end with the others' : 'stay'}`, async () => {
    const first = await authority.obtainTokens(client);
    const answers = await atOnce(() => authority.refresh(client, first.refresh_token ?? ''));
    const [winner] = one(answers, 200, 400);
    expect(rest(answers, 200)).toEqual(Array(times - 1).fill('invalid_grant'));
    const stays = reuse === 'ignore';
    expect(await authority.isActive(winner.access_token)).toBe(stays);
    expect(await authority.isActive(winner.refresh_token)).toBe(stays);
    expect(await authority.isActive(first.access_token)).toBe(false);
  });

  it('redemptions of a login verifier: one goes on to the consent app', async () => {
    const browser = new TestBrowser();
    const challenge = await authority.requestLogin(browser, parameters());
    const next = await authority.acceptLogin(challenge, { subject: 'bob' });
    const wentTo = await atOnce(() => browser.followed(next));
    expect(wentTo.filter((url) => url.searchParams.has('consent_challenge'))).toHaveLength(1);
    expect(wentTo.filter((url) => url.searchParams.has('error'))).toHaveLength(times - 1);
  });

  it('redemptions of a consent verifier: one gets a code', async () => {
    const browser = new TestBrowser();
    const next = await consentAccepted(browser);
    const wentTo = await atOnce(() => browser.followed(next));
    const codes = wentTo.filter((url) => url.searchParams.has('code'));
    expect(codes).toHaveLength(1);
    expect(wentTo.filter((url) => url.searchParams.has('error'))).toHaveLength(times - 1);
    expect((await authority.exchange(client, codeIn(codes[0]!))).status).toBe(200);
  });

  it('accepts of a login request: one is taken, the others are conflicts', async () => {
    const challenge = await authority.requestLogin(new TestBrowser(), parameters());
    const path = `/oauth2/auth/requests/login/${challenge}/accept`;
    one(await atOnce((number) => authority.admin('PUT', path, { subject: `subject-${number}` })), 200, 409);
  });

  it('registrations under one client id: one is made, and has the secret that works', async () => {
    const registration = { client_id: `contended-${reuse}`, grant_types: ['client_credentials'] };
    const [made] = one(await atOnce(() => authority.admin('POST', '/clients', registration)), 201, 409);
    const basic = { id: made.client_id, secret: made.client_secret };
    expect((await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, basic)).status).toBe(200);
  });

  async function consentAccepted(browser: TestBrowser): Promise<string> {
    const afterLogin = await authority.acceptLogin(await authority.requestLogin(browser, parameters()), {
      subject: 'eve',
    });
    const challenge = (await browser.followed(afterLogin)).searchParams.get('consent_challenge') ?? '';
    return authority.acceptConsent(challenge, { grant_scope: ['openid', 'offline'] });
  }
});

function atOnce<Result>(ask: (number: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, (_, number) => ask(number)));
}

/** The body of the only winner, as a list of one; all others must have lost in the one way. */
function one(answers: readonly Answer[], wins: number, loses: number): [Answer['json']] {
  expect(answers.map(({ status }) => status).sort()).toEqual([wins, ...Array<number>(times - 1).fill(loses)].sort());
  return [answers.find(({ status }) => status === wins)?.json];
}

function rest(answers: readonly Answer[], wins: number): string[] {
  return answers.filter(({ status }) => status !== wins).map(({ json }) => json.error);
}
