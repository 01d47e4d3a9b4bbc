import { describe, expect, it } from '@jest/globals';
import { type LoginEvent, login } from '#libs/domain';
import { type EventHandler, MemoryEventStore, type Position, type StoredEvent } from '#libs/event-store';
import { type Answer, TestBrowser, challengeIn } from '#libs/harness';
import { type AuthoritySpec, type History, authoritySpec } from '../../testing/authority-spec.js';
import { aClient, loginIdIn, redirectUri } from '../../testing/histories.js';

const issuer = { URLS_SELF_ISSUER: 'http://op.example' };
const halfAnHour = 30 * 60;
const sevenDays = 7 * 24 * 3600;
const path = (challenge: string, verb = '') => `/oauth2/auth/requests/login/${challenge}${verb}`;
const parametersOf = (clientId: string) => ({ client_id: clientId, redirect_uri: redirectUri, scope: 'openid' });

/** Counts what is asked of it; several authorities use it, one after the other, so it stays open. */
class SharedStore extends MemoryEventStore {
  asked = 0;

  override head(): Promise<Position | undefined> {
    this.asked += 1;
    return super.head();
  }

  override readStream(stream: string, options?: { from?: number }): Promise<StoredEvent[]> {
    this.asked += 1;
    return super.readStream(stream, options);
  }

  override async close(): Promise<void> {
    // whoever closes it is not the last
  }

  async dataOf(type: string): Promise<Record<string, string>> {
    const found = (await this.readAll(undefined, 100_000)).findLast((event) => event.type === type);
    return JSON.parse(found?.data ?? '{}') as Record<string, string>;
  }
}

describe('a login challenge', () => {
  const store = new SharedStore();
  const spec = authoritySpec(issuer, store);
  const here = (url: string) => url.replace(issuer.URLS_SELF_ISSUER, spec.authority.urls.publicUrl);

  async function requested(clientId: string, browser = new TestBrowser()): Promise<string> {
    if ((await spec.authority.admin('GET', `/clients/${clientId}`)).status === 404) {
      await spec.given(aClient(clientId)).prepare();
    }
    return spec.authority.requestLogin(browser, parametersOf(clientId));
  }

  /** What is answered to reading, accepting and rejecting, on an instance. */
  async function answers(challenge: string, { authority }: AuthoritySpec = spec): Promise<number[]> {
    const read = await authority.admin('GET', path(challenge));
    const accepted = await authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann' });
    const rejected = await authority.admin('PUT', path(challenge, '/reject'), {});
    return [read, accepted, rejected].map(({ status }) => status);
  }

  /** A browser in which somebody is remembered. */
  async function rememberedAs(subject: string, clientId: string): Promise<TestBrowser> {
    const browser = new TestBrowser();
    const next = await spec.authority.acceptLogin(await requested(clientId, browser), { subject, remember: true });
    await browser.followed(here(next));
    return browser;
  }

  it('of a thousand strangers leaves the log where it was', async () => {
    await requested('strangers');
    const before = await store.head();
    for (let count = 0; count < 1_000; count += 1) await requested('strangers');
    expect(await store.head()).toBe(before);
  });

  it.each([
    ['padded', (text: string) => `${text}=`],
    ['with a blank', (text: string) => `${text}%20`],
    ['with a line end in it', (text: string) => `${text.slice(0, 50)}%0A${text.slice(50)}`],
    ['with a letter changed', (text: string) => text.slice(0, -2) + (text.at(-2) === 'A' ? 'B' : 'A') + text.slice(-1)],
    ['cut', (text: string) => text.slice(0, -4)],
    ['too long', (text: string) => text.padEnd(3_073, 'A')],
    ['as its id alone', loginIdIn],
    ['nothing of ours', () => 'A'.repeat(200)],
  ])('is unknown %s, and nothing is recorded; decided or not', async (what, respell) => {
    const challenge = await requested(`respelled-${what.replaceAll(' ', '-')}`);
    const before = await store.head();
    expect(await answers(respell(challenge))).toEqual([404, 404, 404]);
    expect(await store.head()).toBe(before);
    await spec.authority.acceptLogin(challenge, { subject: 'ann' });
    expect((await spec.authority.admin('GET', path(respell(challenge)))).status).toBe(404);
  });

  it('may be percent-encoded in the path, and is the same then', async () => {
    const challenge = await requested('percent');
    const encoded = challenge.replace(/^./, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    expect((await spec.authority.admin('PUT', path(encoded, '/accept'), { subject: 'ann' })).status).toBe(200);
    expect(await answers(challenge)).toEqual([200, 409, 409]);
  });

  it('that does not open is unknown before the log is asked anything', async () => {
    const challenge = await requested('untouched');
    const before = store.asked;
    expect(await answers(`${challenge.slice(0, -4)}AAAA`)).toEqual([404, 404, 404]);
    expect(store.asked).toBe(before);
    await spec.authority.admin('GET', path(challenge));
    expect(store.asked).toBeGreaterThan(before);
  });

  it('is unknown once its client is another, created again', async () => {
    const challenge = await requested('again');
    const decided = await requested('again');
    await spec.authority.acceptLogin(decided, { subject: 'ann' });
    await spec.authority.admin('DELETE', '/clients/again');
    await spec.given(aClient('again')).prepare();
    expect((await spec.authority.admin('GET', '/clients/again')).status).toBe(200);
    expect(await answers(challenge)).toEqual([404, 404, 404]);
    expect(await answers(decided)).toEqual([404, 404, 404]);
  });

  it('is unknown once the session it rests on was revoked', async () => {
    const browser = await rememberedAs('sue', 'revoked');
    const [undecided, decided] = [await requested('revoked', browser), await requested('revoked', browser)];
    expect(await spec.authority.loginRequest(undecided)).toMatchObject({ skip: true, subject: 'sue' });
    await spec.authority.acceptLogin(decided, { subject: 'sue' });
    await spec.authority.admin('DELETE', '/oauth2/auth/sessions/login/sue');
    expect(await answers(undecided)).toEqual([404, 404, 404]);
    expect(await answers(decided)).toEqual([404, 404, 404]);
  });

  it('never says whose session it rests on', async () => {
    const browser = await rememberedAs('somebody-with-a-long-name', 'secretive');
    const [some, other] = [
      await requested('secretive', await rememberedAs('x', 'secretive')),
      await requested('secretive', browser),
    ];
    expect(some).toHaveLength(other.length);
  });

  it.each([
    ['undecided', [200, 200, 409], async () => undefined],
    ['decided', [200, 409, 409], (challenge: string) => spec.authority.acceptLogin(challenge, { subject: 'ann' })],
  ])('%s, answers for seven days after its time, then it is unknown', async (what, inTime, decide) => {
    const [first, second] = [await requested(`over-${what}`), await requested(`over-${what}`)];
    await decide(first);
    await decide(second);
    spec.clock.advance(halfAnHour + sevenDays);
    expect(await answers(first)).toEqual(inTime);
    spec.clock.advance(1);
    expect(await answers(second)).toEqual([404, 404, 404]);
  });

  it('of long ago is still told by the redeeming call that it is over', async () => {
    const browser = new TestBrowser();
    const next = await spec.authority.acceptLogin(await requested('long-ago', browser), { subject: 'ann' });
    spec.clock.advance(halfAnHour + sevenDays + 1);
    expect((await browser.followed(here(next))).searchParams.get('error')).toBe('request_unauthorized');
  });

  it('whose stream was deleted is unknown, and its verifier too', async () => {
    const browser = new TestBrowser();
    const challenge = await requested('deleted', browser);
    const next = await spec.authority.acceptLogin(challenge, { subject: 'ann' });
    await store.deleteStream(login.streamOf(loginIdIn(challenge)), { expectedRevision: 0 });
    expect((await answers(challenge)).slice(1)).toEqual([404, 404]);
    const keyed = { 'idempotency-key': 'k' };
    const repeat = await spec.authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann' }, keyed);
    expect(repeat.status).toBe(404);
    expect((await browser.followed(here(next))).searchParams.get('error')).toBe('access_denied');
  });

  it('with its decision, is found again by an Idempotency-Key', async () => {
    const challenge = await requested('repeated');
    const accept = (): Promise<Answer> =>
      spec.authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann' }, { 'idempotency-key': 'once' });
    const [first, again] = [await accept(), await accept()];
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
  });

  describe('of before, when asking was an event of its own', () => {
    const former = '0193b6f27c2d7a4f9d3a00000000000';

    /** The request as the log has it, of a browser. */
    async function asked(id: string, clientId: string, browser: TestBrowser): Promise<History> {
      await spec.authority.acceptLogin(await requested(clientId, browser), { subject: 'ann' });
      const { csrfHash } = await store.dataOf('LoginAccepted');
      const data: Extract<LoginEvent, { type: 'LoginRequested' }>['data'] = {
        ...{ challenge: id, clientId, clientIncarnation: 0, requestedAt: spec.clock.inSeconds(-60), session: null },
        ...{ verifierHash: spec.loginVerifierHash(id), csrfHash: csrfHash ?? '', oidcContext: {}, nonce: null },
        request: {
          ...{ redirectUri, redirectUriSent: true, responseTypes: ['code'], scope: ['openid'], audience: [] },
          ...{ prompt: [], maxAge: null, acrValues: [], codeChallenge: null },
        },
        requestUrl: spec.authority.authorizationUrl(parametersOf(clientId)),
        ...{ state: 'some-state-value', idTokenHint: null },
      };
      return { stream: login.streamOf(id), events: [{ type: 'LoginRequested', data }] };
    }

    it('works on: it is shown, accepted, redeemed, and named by the consent request', async () => {
      const id = `${former}1`;
      const browser = new TestBrowser();
      await spec.given(await asked(id, 'former', browser)).prepare();
      expect(await spec.authority.loginRequest(id)).toMatchObject({ challenge: id, requested_scope: ['openid'] });
      const next = await spec.authority.acceptLogin(id, { subject: 'ann' });
      expect(await store.dataOf('LoginAccepted')).toMatchObject({ challenge: id, request: null });
      const consent = challengeIn(await browser.followed(here(next)), 'consent_challenge');
      expect(await spec.authority.consentRequest(consent)).toMatchObject({ login_challenge: id, subject: 'ann' });
      expect(await answers(id)).toEqual([409, 409, 409]);
    });

    it('is unknown seven days after its time', async () => {
      const id = `${former}2`;
      await spec.given(await asked(id, 'former-over', new TestBrowser())).prepare();
      expect((await spec.authority.admin('GET', path(id))).status).toBe(200);
      spec.clock.advance(halfAnHour + sevenDays);
      expect(await answers(id)).toEqual([404, 404, 404]);
    });

    it('is unknown when there is no such request', async () => {
      expect(await answers(`${former}3`)).toEqual([404, 404, 404]);
    });
  });

  describe('at another issuer, with the same root key', () => {
    const other = authoritySpec({ URLS_SELF_ISSUER: 'http://other.example' }, store);

    it('is unknown', async () => {
      const challenge = await requested('two-issuers');
      expect(await answers(challenge, other)).toEqual([404, 404, 404]);
      expect(await answers(challenge)).toEqual([200, 200, 409]);
    });
  });

  describe('on two instances', () => {
    const other = authoritySpec(issuer, store);

    it('is decided once, whichever is asked, and both show what was decided', async () => {
      const challenge = await requested('two-instances');
      const accept = ({ authority }: AuthoritySpec, subject: string): Promise<Answer> =>
        authority.admin('PUT', path(challenge, '/accept'), { subject });
      const accepted = await Promise.all([accept(spec, 'ann'), accept(other, 'ben')]);
      expect(accepted.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(await store.readStream(login.streamOf(loginIdIn(challenge)))).toHaveLength(1);
      const shown = await Promise.all([spec, other].map(({ authority }) => authority.loginRequest(challenge)));
      expect(shown[0]).toEqual(shown[1]);
    });
  });

  describe('decided for somebody who is erased before an instance starts', () => {
    let challenge: string;
    let next: string;
    const browser = new TestBrowser();

    describe('then', () => {
      it('is decided', async () => {
        challenge = await requested('erased', browser);
        next = await spec.authority.acceptLogin(challenge, { subject: 'ira' });
        const { keyId } = await store.dataOf('SubjectKeyCreated');
        await store.deleteStream(`subjectkey-${keyId}`, { expectedRevision: 0 });
      });
    });

    describe('later', () => {
      const later = authoritySpec(issuer, store);

      it('is unknown there, although the challenge opens; its verifier too', async () => {
        const { authority } = later;
        expect(await answers(challenge, later)).toEqual([404, 404, 404]);
        const there = next.replace(issuer.URLS_SELF_ISSUER, authority.urls.publicUrl);
        const location = (await browser.visit(there)).headers.get('location');
        expect(new URL(location ?? '').searchParams.get('error')).toBe('access_denied');
      });
    });
  });
});

/** Its followers fail when a decision comes. */
class StallingStore extends MemoryEventStore {
  override subscribe(after: Position | undefined, handler: EventHandler) {
    return super.subscribe(after, (events) => {
      if (events.some(({ type }) => type === 'LoginAccepted')) throw new Error('the projector stands still');
      return handler(events);
    });
  }
}

describe('a login challenge, when the read model does not show yet what was decided', () => {
  const spec = authoritySpec({}, new StallingStore());

  it('is answered from the challenge: it was accepted', async () => {
    await spec.given(aClient('slow')).prepare();
    const challenge = await spec.authority.requestLogin(new TestBrowser(), parametersOf('slow'));
    const accepted = await spec.authority.admin('PUT', path(challenge, '/accept'), { subject: 'ann' });
    expect([accepted.status, accepted.json.redirect_to]).toEqual([200, expect.stringContaining('login_verifier=')]);
  });
});
