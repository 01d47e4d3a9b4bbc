import { describe, expect, it } from '@jest/globals';
import { type Tokens, TestBrowser, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { type Client, afterLogin, errorIn, parametersOf, reachConsent } from './flow.js';

describe('what dies with what (oauth2-flows.md 3.10; architecture.md: what dies with what)', () => {
  const running = runningAuthority();
  const consents = (path: string): string => `/oauth2/auth/sessions/consent/${path}`;
  const activity = async (tokens: Tokens): Promise<boolean[]> => [
    await running.authority.isActive(tokens.access_token),
    await running.authority.isActive(tokens.refresh_token ?? ''),
  ];
  const userinfoStatus = async ({ access_token: token }: Tokens): Promise<number> =>
    (await fetch(`${running.publicUrl}/userinfo?access_token=${token}`)).status;
  const recreate = (client: Client): Promise<Client> =>
    running.authority.createClient({ client_id: client.id, client_secret: client.secret });

  describe('revoking the consents of a subject', () => {
    it("#67 ends that user's tokens, not the client's own nor another user's", async () => {
      const client = await running.authority.createClient();
      const [alices, bobs] = [
        await running.authority.obtainTokens(client, { subject: 'alice-67' }),
        await running.authority.obtainTokens(client, { subject: 'bob-67' }),
      ];
      const own = (await running.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client)).json;
      expect((await running.authority.admin('DELETE', consents('alice-67'))).status).toBe(204);
      expect(await activity(alices)).toEqual([false, false]);
      expect(await userinfoStatus(alices)).toBe(401);
      expect((await running.authority.refresh(client, alices.refresh_token ?? '')).status).toBe(400);
      expect(await activity(bobs)).toEqual([true, true]);
      expect(await running.authority.isActive(own.access_token)).toBe(true);
      expect((await running.authority.admin('DELETE', consents('alice-67'))).status).toBe(404);
    });

    it("3.10 for one client leaves the other's", async () => {
      const [one, two] = [await running.authority.createClient(), await running.authority.createClient()];
      const first = await running.authority.obtainTokens(one, { subject: 'carol' });
      const second = await running.authority.obtainTokens(two, { subject: 'carol' });
      expect((await running.authority.admin('DELETE', consents(`carol/${one.id}`))).status).toBe(204);
      expect(await activity(first)).toEqual([false, false]);
      expect(await activity(second)).toEqual([true, true]);
    });

    it('3.10 ends tokens that were refreshed meanwhile', async () => {
      const client = await running.authority.createClient();
      const tokens = await running.authority.obtainTokens(client, { subject: 'dave' });
      const { json: next } = await running.authority.refresh(client, tokens.refresh_token ?? '');
      await running.authority.admin('DELETE', consents('dave'));
      expect(await activity(next)).toEqual([false, false]);
    });

    it('3.10 ends a code not yet exchanged', async () => {
      const client = await running.authority.createClient();
      const url = await running.authority.authorize(new TestBrowser(), parametersOf(client), { subject: 'erin' });
      await running.authority.admin('DELETE', consents('erin'));
      const { status, json } = await running.authority.exchange(client, codeIn(url));
      expect([status, json.error]).toEqual([400, 'invalid_grant']);
    });

    it('ends an accepted consent not yet redeemed; an undecided one may still be accepted', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const login = { subject: 'frank' };
      const accepted = await reachConsent(running.authority, browser, parametersOf(client), login);
      const next = await running.authority.acceptConsent(accepted, { grant_scope: ['openid'] });
      const undecided = await reachConsent(running.authority, browser, parametersOf(client), login);
      expect((await running.authority.admin('DELETE', consents('frank'))).status).toBe(204);
      const dead = await browser.followed(next);
      expect([errorIn(dead), dead.searchParams.has('code')]).toEqual(['access_denied', false]);
      const alive = await browser.followed(
        await running.authority.acceptConsent(undecided, { grant_scope: ['openid'] }),
      );
      expect(alive.searchParams.has('code')).toBe(true);
    });

    it('ends a remembered consent: the next flow asks, with prompt=none it is refused', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const decisions = { subject: 'grace', login: { remember: true }, consent: { remember: true } };
      await running.authority.authorize(browser, parametersOf(client), decisions);
      await running.authority.admin('DELETE', consents('grace'));
      const url = await afterLogin(running.authority, browser, parametersOf(client, { prompt: 'none' }), {
        subject: 'grace',
      });
      expect(errorIn(url)).toBe('consent_required');
    });

    it('ends a pending consent that rests on the remembered one', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const decisions = { subject: 'heidi', login: { remember: true }, consent: { remember: true } };
      await running.authority.authorize(browser, parametersOf(client), decisions);
      const skipped = await reachConsent(running.authority, browser, parametersOf(client), { subject: 'heidi' });
      await running.authority.admin('DELETE', consents('heidi'));
      const path = `/oauth2/auth/requests/consent/${skipped}`;
      expect((await running.authority.admin('GET', path)).status).toBe(404);
      expect((await running.authority.admin('PUT', `${path}/accept`, { grant_scope: ['openid'] })).status).toBe(404);
    });

    it('does not keep the user from consenting again', async () => {
      const client = await running.authority.createClient();
      await running.authority.obtainTokens(client, { subject: 'ivan' });
      await running.authority.admin('DELETE', consents('ivan'));
      expect(await activity(await running.authority.obtainTokens(client, { subject: 'ivan' }))).toEqual([true, true]);
    });

    it('leaves the login session', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      await running.authority.obtainTokens(client, { browser, subject: 'judy', login: { remember: true } });
      await running.authority.admin('DELETE', consents('judy'));
      const login = await running.authority.requestLogin(browser, parametersOf(client));
      expect((await running.authority.loginRequest(login)).skip).toBe(true);
    });
  });

  describe('deleting a client', () => {
    it('#68 ends its tokens, for good: not revived by a client of the same name', async () => {
      const client = await running.authority.createClient();
      const tokens = await running.authority.obtainTokens(client);
      expect((await running.authority.admin('DELETE', `/clients/${client.id}`)).status).toBe(204);
      expect(await activity(tokens)).toEqual([false, false]);
      await recreate(client);
      expect(await activity(tokens)).toEqual([false, false]);
      expect(await userinfoStatus(tokens)).toBe(401);
      expect((await running.authority.refresh(client, tokens.refresh_token ?? '')).status).toBe(400);
    });

    it('#68 ends its codes', async () => {
      const client = await running.authority.createClient();
      const url = await running.authority.authorize(new TestBrowser(), parametersOf(client));
      await running.authority.admin('DELETE', `/clients/${client.id}`);
      await recreate(client);
      expect((await running.authority.exchange(client, codeIn(url))).json.error).toBe('invalid_grant');
    });

    it('3.10 ends its flows, also for a client of the same name', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const login = await running.authority.requestLogin(browser, parametersOf(client));
      const afterAccept = await running.authority.acceptLogin(login, { subject: 'alice' });
      const consent = await reachConsent(running.authority, browser, parametersOf(client));
      await running.authority.admin('DELETE', `/clients/${client.id}`);
      await recreate(client);
      expect((await running.authority.admin('GET', `/oauth2/auth/requests/login/${login}`)).status).toBe(404);
      expect((await running.authority.admin('GET', `/oauth2/auth/requests/consent/${consent}`)).status).toBe(404);
      expect(errorIn(await browser.followed(afterAccept))).toBe('access_denied');
    });

    it('3.10 ends its consents, remembered ones too; sessions stay', async () => {
      const client = await running.authority.createClient();
      const browser = new TestBrowser();
      const decisions = { subject: 'kim', login: { remember: true }, consent: { remember: true } };
      await running.authority.authorize(browser, parametersOf(client), decisions);
      expect((await running.authority.admin('GET', consents('kim'))).json).toHaveLength(1);
      await running.authority.admin('DELETE', `/clients/${client.id}`);
      expect((await running.authority.admin('GET', consents('kim'))).json).toEqual([]);
      await recreate(client);
      const login = await running.authority.requestLogin(browser, parametersOf(client));
      expect((await running.authority.loginRequest(login)).skip).toBe(true);
      const url = await browser.followed(await running.authority.acceptLogin(login, { subject: 'kim' }));
      const path = `/oauth2/auth/requests/consent/${url.searchParams.get('consent_challenge')}`;
      expect((await running.authority.admin('GET', path)).json.skip).toBe(false);
    });
  });

  it('3.10 code replay and revocation leave the consent', async () => {
    const client = await running.authority.createClient();
    const decisions = { subject: 'leo', consent: { remember: true } };
    const url = await running.authority.authorize(new TestBrowser(), parametersOf(client), decisions);
    await running.authority.exchange(client, codeIn(url));
    await running.authority.exchange(client, codeIn(url));
    const tokens = await running.authority.obtainTokens(client, decisions);
    await running.authority.form('/oauth2/revoke', { token: tokens.access_token }, client);
    const listed = (await running.authority.admin('GET', consents('leo'))).json as unknown[];
    expect(listed.length).toBeGreaterThan(0);
  });

  it('3.10 a client update leaves its tokens', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json } = await running.authority.admin('GET', `/clients/${client.id}`);
    await running.authority.admin('PUT', `/clients/${client.id}`, { ...json, scope: 'photos', redirect_uris: [] });
    expect(await activity(tokens)).toEqual([true, true]);
  });

  it('3.10 revoking all login sessions leaves tokens and consents', async () => {
    const client = await running.authority.createClient();
    const decisions = { subject: 'mia', login: { remember: true }, consent: { remember: true } };
    const tokens = await running.authority.obtainTokens(client, decisions);
    await running.authority.admin('DELETE', '/oauth2/auth/sessions/login/mia');
    expect(await activity(tokens)).toEqual([true, true]);
    expect((await running.authority.admin('GET', consents('mia'))).json).toHaveLength(1);
  });

  describe('at the same time', () => {
    it('an exchange and the revocation of its consent: no token survives', async () => {
      const client = await running.authority.createClient();
      for (let round = 0; round < 5; round++) {
        const subject = `race-${round}`;
        const url = await running.authority.authorize(new TestBrowser(), parametersOf(client), { subject });
        const [exchanged, revoked] = await Promise.all([
          running.authority.exchange(client, codeIn(url)),
          running.authority.admin('DELETE', consents(subject)),
        ]);
        expect(revoked.status).toBe(204);
        expect([200, 400]).toContain(exchanged.status);
        if (exchanged.status === 200) expect(await activity(exchanged.json)).toEqual([false, false]);
      }
    });

    it('a refresh and a revocation: no token survives', async () => {
      const client = await running.authority.createClient();
      for (let round = 0; round < 5; round++) {
        const tokens = await running.authority.obtainTokens(client);
        const [refreshed] = await Promise.all([
          running.authority.refresh(client, tokens.refresh_token ?? ''),
          running.authority.form('/oauth2/revoke', { token: tokens.refresh_token ?? '' }, client),
        ]);
        expect([200, 400]).toContain(refreshed.status);
        if (refreshed.status === 200) expect(await activity(refreshed.json)).toEqual([false, false]);
        expect(await activity(tokens)).toEqual([false, false]);
      }
    });

    it("a client's own token and the deletion of the client: no token survives", async () => {
      for (let round = 0; round < 5; round++) {
        const client = await running.authority.createClient();
        const own = { grant_type: 'client_credentials' };
        await running.authority.form('/oauth2/token', own, client);
        const [issued] = await Promise.all([
          running.authority.form('/oauth2/token', own, client),
          running.authority.admin('DELETE', `/clients/${client.id}`),
        ]);
        expect([200, 401]).toContain(issued.status);
        if (issued.status === 200) expect(await running.authority.isActive(issued.json.access_token)).toBe(false);
      }
    });
  });
});
