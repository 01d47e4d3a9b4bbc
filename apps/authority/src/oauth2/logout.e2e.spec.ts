import { describe, expect, it } from '@jest/globals';
import { TestBrowser } from '#libs/harness';
import { authoritySpec } from '../testing/authority-spec.js';
import { aClient, redirectUri } from '../testing/histories.js';

describe('logout', () => {
  const spec = authoritySpec();
  const logOut = (browser: TestBrowser) => () =>
    browser.visit(`${spec.authority.urls.publicUrl}/oauth2/auth/sessions/login/revoke`);

  it('ends the session of the browser, once', async () => {
    await spec.given(aClient('c1')).prepare();
    const browser = new TestBrowser();
    const parameters = { client_id: 'c1', redirect_uri: redirectUri, scope: 'openid' };
    await spec.authority.authorize(browser, parameters, { subject: 'ann', login: { remember: true } });
    const cookie = browser.cookie('oauth2_authentication_session') ?? '';
    await spec.when(logOut(browser)).thenAnswers({
      status: 302,
      events: [
        {
          stream: expect.stringMatching(/^session-/),
          type: 'SessionEnded',
          data: { sessionId: expect.any(String), cause: 'logout', endedAt: spec.clock.inSeconds(0) },
          actor: 'public',
        },
      ],
    });
    browser.setCookie('oauth2_authentication_session', cookie);
    await spec.when(logOut(browser)).thenAnswers({ status: 302, events: [] });
  });

  it('without a session records nothing', () =>
    spec.when(logOut(new TestBrowser())).thenAnswers({ status: 302, events: [] }));
});
