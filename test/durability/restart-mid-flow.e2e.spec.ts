import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuthorityClient,
  type AuthorityProcess,
  type HeldAddresses,
  TestBrowser,
  challengeIn,
  codeIn,
  holdAddresses,
  scratchFolder,
  startAuthority,
} from '#libs/harness';

describe.each([
  ['stopped', (process: AuthorityProcess) => process.stop()],
  ['killed', (process: AuthorityProcess) => process.kill()],
])('an authority %s and started again in the middle of a flow', (_how, end) => {
  let dataDir: string;
  let remove: () => Promise<void>;
  let addresses: HeldAddresses;
  let process: AuthorityProcess;
  let authority: AuthorityClient;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    dataDir = scratch.folder;
    remove = () => scratch.remove();
    addresses = await holdAddresses();
    process = await startAuthority(dataDir, {}, addresses);
    authority = new AuthorityClient(process);
  });
  afterAll(async () => {
    await process.stop();
    await Promise.all([addresses.admin.close(), addresses.public.close()]);
    await remove();
  });

  async function restart(): Promise<void> {
    await end(process);
    process = await startAuthority(dataDir, {}, addresses);
  }

  it('goes on where it was, with the same cookies', async () => {
    const client = await authority.createClient();
    const browser = new TestBrowser();
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
    const loginChallenge = await authority.requestLogin(browser, parameters);
    await restart();
    const afterLogin = await authority.acceptLogin(loginChallenge, { subject: 'alice', remember: true });
    await restart();
    const consentChallenge = challengeIn(await browser.followed(afterLogin), 'consent_challenge');
    await restart();
    const afterConsent = await authority.acceptConsent(consentChallenge, { grant_scope: ['openid', 'offline'] });
    const code = codeIn(await browser.followed(afterConsent));
    await restart();
    const exchanged = await authority.exchange(client, code);
    expect(exchanged).toMatchObject({ status: 200, json: { scope: 'openid offline' } });
    await restart();
    expect(await authority.isActive(exchanged.json.access_token)).toBe(true);
    const refreshed = await authority.refresh(client, exchanged.json.refresh_token);
    expect(refreshed.status).toBe(200);
    expect(await authority.isActive(refreshed.json.access_token)).toBe(true);
    const again = await authority.requestLogin(browser, parameters);
    const { json: request } = await authority.admin('GET', `/oauth2/auth/requests/login/${again}`);
    expect(request).toMatchObject({ skip: true, subject: 'alice' });
  }, 60_000);
});
