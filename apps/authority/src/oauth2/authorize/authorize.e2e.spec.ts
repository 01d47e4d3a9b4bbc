import { describe, expect, it } from '@jest/globals';
import { randomHex } from '#libs/crypto';
import { TestBrowser, challengeIn } from '#libs/harness';
import { type Recorded, authoritySpec } from '../../testing/authority-spec.js';
import { aClient, loginIdIn, redirectUri } from '../../testing/histories.js';

const uuid = expect.stringMatching(/^[\da-f]{32}$/);

describe('the authorization endpoint', () => {
  const spec = authoritySpec();
  const now = () => spec.clock.inSeconds(0);
  const parametersOf = (clientId: string) => ({
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid photos',
  });
  const visit = (browser: TestBrowser, url: string) => () => browser.visit(url);
  const redirect = (to: RegExp) => ({ location: expect.stringMatching(to) });
  const redeemed = (kind: 'login' | 'consent', challenge: string, more = {}): Recorded => ({
    stream: `${kind}-${challenge}`,
    type: kind === 'login' ? 'LoginVerifierRedeemed' : 'ConsentVerifierRedeemed',
    data: { challenge, redeemedAt: now(), ...more },
    actor: 'public',
  });

  /** A flow of a client of its own, up to where the login app has accepted or rejected. `id` names the login request. */
  async function upToLogin(
    clientId: string,
    login: Record<string, unknown>,
    browser = new TestBrowser(),
  ): Promise<{ browser: TestBrowser; id: string; next: string }> {
    const challenge = await spec.authority.requestLogin(browser, parametersOf(clientId));
    return { browser, id: loginIdIn(challenge), next: await spec.authority.acceptLogin(challenge, login) };
  }

  /** And up to where the consent app has accepted. */
  async function upToConsent(clientId: string, subject: string) {
    const { browser, next } = await upToLogin(clientId, { subject });
    const challenge = challengeIn(await browser.followed(next), 'consent_challenge');
    return { browser, challenge, next: await spec.authority.acceptConsent(challenge, { grant_scope: ['openid'] }) };
  }

  describe('the first call', () => {
    it('puts what is asked for into the challenge, and records nothing', () =>
      spec
        .given(aClient('first'))
        .when((authority) => new TestBrowser().visit(authority.authorizationUrl(parametersOf('first'))))
        .thenAnswers({
          status: 302,
          headers: {
            ...redirect(/^http:\/\/login\.example\/\?login_challenge=[\w-]{150,250}$/),
            'cache-control': 'no-store',
          },
          events: [],
        }));

    it('does so for a remembered login as well, which the app is told of', async () => {
      await spec.given(aClient('remembered')).prepare();
      const { browser, next } = await upToLogin('remembered', { subject: 'zoe', remember: true });
      await browser.followed(next);
      await spec
        .when((authority) => browser.visit(authority.authorizationUrl(parametersOf('remembered'))))
        .thenAnswers({ status: 302, headers: redirect(/login_challenge=/), events: [] });
      const again = await spec.authority.requestLogin(browser, parametersOf('remembered'));
      expect(await spec.authority.loginRequest(again)).toMatchObject({ skip: true, subject: 'zoe' });
    });

    it.each([
      ['a client nobody knows', { client_id: 'nobody' }, /\/oauth2\/fallbacks\/error\?error=invalid_client/],
      ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:1/' }, /\/oauth2\/fallbacks\/error\?error=/],
      ['a scope it may not have', { scope: 'admin' }, /^http:\/\/127\.0\.0\.1:5555\/callback\?error=invalid_scope/],
      ['a state that is too long', { state: 's'.repeat(2_049) }, /\/oauth2\/fallbacks\/error\?error=invalid_request/],
      ['a nonce that is too long', { nonce: 'n'.repeat(2_049) }, /\/oauth2\/fallbacks\/error\?error=invalid_request/],
      ['too much in all', { more: randomHex(3_000) }, /\/oauth2\/fallbacks\/error\?error=invalid_request/],
      ['prompt=none and nobody logged in', { prompt: 'none' }, /callback\?error=login_required/],
    ])('with %s records nothing', (what, more, location) =>
      spec
        .given(aClient(`refused ${what}`))
        .when((authority) =>
          new TestBrowser().visit(authority.authorizationUrl({ ...parametersOf(`refused ${what}`), ...more })),
        )
        .thenAnswers({ status: 302, headers: redirect(location), events: [] }),
    );
  });

  describe('the second call', () => {
    const consentRequested = (clientId: string, loginChallenge: string, subject: string): Recorded => ({
      stream: expect.stringMatching(/^consent-[\da-f]{32}$/),
      type: 'ConsentRequested',
      data: expect.objectContaining({
        ...{ challenge: uuid, loginChallenge, clientId, clientIncarnation: 0, requestedAt: now() },
        ...{ subject, subjectHash: spec.subjectHash(subject), authenticatedAt: now(), rememberedConsent: null },
      }),
      actor: 'public',
    });
    const sessionStarted = (loginChallenge: string, subject: string): Recorded => ({
      stream: expect.stringMatching(/^session-/),
      type: 'SessionStarted',
      data: {
        ...{ sessionId: expect.any(String), subject, subjectHash: spec.subjectHash(subject) },
        ...{ authenticatedAt: now(), loginChallenge, startedAt: now() },
      },
      actor: 'public',
    });

    it('spends the verifier first, then asks for consent', async () => {
      await spec.given(aClient('second')).prepare();
      const { browser, id, next } = await upToLogin('second', { subject: 'ann' });
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        headers: redirect(/^http:\/\/consent\.example\/\?consent_challenge=[\da-f]{32}$/),
        events: [redeemed('login', id), consentRequested('second', id, 'ann')],
      });
      await spec.when(visit(browser, next)).thenAnswers({ status: 302, headers: redirect(/error=/), events: [] });
    });

    it('remembers the login between the two, and what the client is to know the person by', async () => {
      await spec.given(aClient('remembering')).prepare();
      const forced = { force_subject_identifier: 'number-one' };
      const { browser, id, next } = await upToLogin('remembering', {
        subject: 'ben',
        remember: true,
        ...forced,
      });
      const subjectHash = spec.subjectHash('ben');
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        events: [
          redeemed('login', id),
          {
            stream: `subject-${subjectHash}`,
            type: 'SubjectIdentifierForced',
            data: {
              ...{ subjectHash, subject: 'ben', clientId: 'remembering', clientIncarnation: 0 },
              ...{ identifier: 'number-one', forcedAt: now() },
            },
            actor: 'public',
          },
          sessionStarted(id, 'ben'),
          consentRequested('remembering', id, 'ben'),
        ],
      });
    });

    it('ends the session of somebody else in that browser before the new one starts', async () => {
      await spec.given(aClient('changing')).prepare();
      const { browser, next: first } = await upToLogin('changing', { subject: 'cleo', remember: true });
      await browser.followed(first);
      const asked = { ...parametersOf('changing'), prompt: 'login' };
      const challenge = await spec.authority.requestLogin(browser, asked);
      const next = await spec.authority.acceptLogin(challenge, { subject: 'dora', remember: true });
      const id = loginIdIn(challenge);
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        events: [
          redeemed('login', id),
          {
            stream: expect.stringMatching(/^session-/),
            type: 'SessionEnded',
            data: { sessionId: expect.any(String), cause: 'other-login', endedAt: now() },
            actor: 'public',
          },
          sessionStarted(id, 'dora'),
          consentRequested('changing', id, 'dora'),
        ],
      });
    });

    it('too late, it spends the verifier and nothing else', async () => {
      await spec.given(aClient('late')).prepare();
      const { browser, id, next } = await upToLogin('late', { subject: 'eve' });
      spec.clock.advance(30 * 60 + 1);
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        headers: redirect(/callback\?error=request_unauthorized/),
        events: [redeemed('login', id)],
      });
    });

    it('in another browser it spends the verifier and nothing else', async () => {
      await spec.given(aClient('stolen')).prepare();
      const { id, next } = await upToLogin('stolen', { subject: 'fay' });
      await spec.when(visit(new TestBrowser(), next)).thenAnswers({
        status: 302,
        headers: {
          ...redirect(/callback\?error=request_forbidden/),
          'hydrant-position': expect.stringMatching(/^\d+$/),
        },
        events: [redeemed('login', id)],
      });
    });
  });

  describe('the third call', () => {
    it('spends the verifier, then issues a code for what was granted', async () => {
      await spec.given(aClient('third')).prepare();
      const { browser, challenge, next } = await upToConsent('third', 'gil');
      const subjectHash = spec.subjectHash('gil');
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        headers: redirect(/callback\?code=[^&]+&iss=[^&]+&scope=openid&state=/),
        events: [
          redeemed('consent', challenge, { subjectHash }),
          {
            stream: `grant-${challenge}`,
            type: 'AuthorizationCodeIssued',
            data: expect.objectContaining({
              ...{ grantId: challenge, consentChallenge: challenge, clientId: 'third', clientIncarnation: 0 },
              ...{ scope: ['openid'], subject: 'gil', subjectHash, redirectUri, codeHash: expect.any(String) },
              ...{ issuedAt: now(), expiresAt: spec.clock.inSeconds(600) },
            }),
            actor: 'public',
          },
        ],
      });
      await spec.when(visit(browser, next)).thenAnswers({ status: 302, headers: redirect(/error=/), events: [] });
    });

    it('too late, it spends the verifier and nothing else', async () => {
      await spec.given(aClient('late-third')).prepare();
      const { browser, challenge, next } = await upToConsent('late-third', 'hal');
      spec.clock.advance(30 * 60 + 1);
      await spec.when(visit(browser, next)).thenAnswers({
        status: 302,
        headers: redirect(/callback\?error=request_unauthorized/),
        events: [redeemed('consent', challenge, { subjectHash: spec.subjectHash('hal') })],
      });
    });

    it('of a consent that was revoked meanwhile records nothing', async () => {
      await spec.given(aClient('revoked-third')).prepare();
      const { browser, next } = await upToConsent('revoked-third', 'ida');
      await spec.authority.admin('DELETE', '/oauth2/auth/sessions/consent/ida');
      await spec.when(visit(browser, next)).thenAnswers({ status: 302, headers: redirect(/error=/), events: [] });
    });
  });
});
