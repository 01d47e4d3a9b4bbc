import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type Answer, type AuthorityClient, TestBrowser, challengeIn, codeIn } from '#libs/harness';
import { type Secrets } from './secret-search.js';

/** What belongs to a person and must not stand in clear in the log: distinctive, so that nothing else looks like it. */
export const personal: Secrets = {
  subject: 'olga.distinctive+subject@example.org',
  'forced subject identifier': 'forced-identifier-of-olga',
  'access token claim': 'access-claim-of-olga',
  'id token claim': 'id-claim "of" olga',
  'login context': 'login-context-of-olga',
  'consent context': 'consent-context-of-olga',
  state: 'state-of-olga-4711',
  nonce: 'nonce-of-olga-4711',
  'login hint': 'hint.of.olga@example.org',
};

export const clientName = 'a client name anybody may read';

/** Goes through everything that has secrets. Returns all it saw, by what they are. */
export async function secretiveJourney(authority: AuthorityClient): Promise<Secrets> {
  const secrets: Record<string, string> = {};
  const chosen = await authority.createClient({ client_name: clientName, client_secret: 'a-chosen-secret/with+signs' });
  const generated = await authority.createClient();
  Object.assign(secrets, {
    'chosen client secret': 'a-chosen-secret/with+signs',
    'generated client secret': generated.secret,
  });
  await keys(authority, secrets);
  const tokens = await codeFlow(authority, chosen, secrets);
  const refreshed = (await authority.refresh(chosen, tokens.refresh_token)).json;
  const machine = await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, generated);
  note(secrets, 'refreshed', refreshed);
  note(secrets, 'machine', machine.json);
  await failures(authority, chosen, tokens);
  await confusions(authority, chosen, secrets);
  return secrets;
}

/** Also the part after the dot, which alone is as good as the whole to whoever knows how it is made. */
function note(secrets: Record<string, string>, whose: string, tokens: Record<string, string>): void {
  for (const kind of ['access_token', 'refresh_token', 'id_token']) {
    const token = tokens[kind];
    if (token === undefined) continue;
    secrets[`${whose} ${kind}`] = token;
    secrets[`${whose} ${kind}, last part`] = token.slice(token.lastIndexOf('.') + 1);
  }
}

async function keys(authority: AuthorityClient, secrets: Record<string, string>): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const imported = { ...privateKey.export({ format: 'jwk' }), kid: 'imported', use: 'sig', alg: 'RS256' };
  await expectStatus(201, authority.admin('POST', '/keys/hs', { alg: 'HS256', kid: 'hs', use: 'sig' }));
  await expectStatus(201, authority.admin('POST', '/keys/rs', { alg: 'RS256', kid: 'rs', use: 'sig' }));
  await expectStatus(200, authority.admin('PUT', '/keys/imported/imported', imported));
  for (const set of ['hs', 'rs', 'imported', 'hydra.openid.id-token']) {
    const { json } = await authority.admin('GET', `/keys/${set}`);
    for (const key of json.keys as Record<string, string>[]) {
      for (const member of ['k', 'd', 'p', 'q', 'dp', 'dq', 'qi']) {
        if (key[member] !== undefined) secrets[`${member} of ${key['kid']} in ${set}`] = key[member];
      }
    }
  }
}

type Client = { id: string; secret: string; redirectUri: string };

async function codeFlow(
  authority: AuthorityClient,
  client: Client,
  secrets: Record<string, string>,
): Promise<Record<string, string> & { refresh_token: string }> {
  const browser = new TestBrowser();
  const codeVerifier = randomBytes(32).toString('base64url');
  const loginChallenge = await authority.requestLogin(browser, {
    ...{ client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' },
    ...{ state: personal['state'] ?? '', nonce: personal['nonce'] ?? '', login_hint: personal['login hint'] ?? '' },
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const afterLogin = await accepted(authority, 'login', loginChallenge, {
    ...{ subject: personal['subject'], remember: true, remember_for: 3600 },
    force_subject_identifier: personal['forced subject identifier'],
    context: { about: personal['login context'] },
  });
  const consentChallenge = challengeIn(await browser.followed(afterLogin), 'consent_challenge');
  const afterConsent = await accepted(authority, 'consent', consentChallenge, {
    ...{ grant_scope: ['openid', 'offline'], remember: true, context: personal['consent context'] },
    session: {
      access_token: { claim: personal['access token claim'] },
      id_token: { claim: personal['id token claim'] },
    },
  });
  const code = codeIn(await browser.followed(afterConsent));
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: codeVerifier,
  };
  const { json: tokens } = await expectStatus(200, authority.form('/oauth2/token', form, client));
  note(secrets, 'code flow', tokens);
  Object.assign(secrets, {
    ...{ code, 'code, last part': code.split('.')[1], 'code verifier': codeVerifier },
    'login verifier': new URL(afterLogin).searchParams.get('login_verifier'),
    'consent verifier': new URL(afterConsent).searchParams.get('consent_verifier'),
  });
  noteCookies(browser, secrets);
  return tokens;
}

/** An acceptance in the newest generation, which has the most members. Returns where the browser goes next. */
async function accepted(
  authority: AuthorityClient,
  kind: 'login' | 'consent',
  challenge: string,
  body: object,
): Promise<string> {
  const path = `/admin/oauth2/auth/requests/${kind}/accept?${kind}_challenge=${challenge}`;
  return (await expectStatus(200, authority.admin('PUT', path, body))).json.redirect_to;
}

/** Whole cookies and, of those against CSRF, the value inside. */
function noteCookies(browser: TestBrowser, secrets: Record<string, string>): void {
  for (const name of ['oauth2_authentication_session', 'oauth2_authentication_csrf', 'oauth2_consent_csrf']) {
    const cookie = browser.cookie(name) ?? '';
    secrets[name] = cookie;
    const payload = cookie.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    const csrf = /"csrf":"([^"]+)"/.exec(payload.join('\n'))?.[1];
    if (csrf !== undefined) secrets[`${name}, value`] = csrf;
  }
}

/** Wrong requests: what is wrong with them may be logged, what they carry may not. */
async function failures(authority: AuthorityClient, client: Client, tokens: { refresh_token: string }): Promise<void> {
  const { urls } = authority;
  const token = encodeURIComponent(tokens.refresh_token);
  const person = encodeURIComponent(personal['subject'] ?? '');
  await authority.refresh(client, tokens.refresh_token); // reuse
  await authority.form(
    '/oauth2/token',
    { grant_type: 'client_credentials' },
    { id: client.id, secret: `${client.secret}-` },
  );
  for (const url of [
    `${urls.publicUrl}/oauth2/auth?client_id=nobody&login_hint=${person}&code=${token}`,
    `${urls.publicUrl}/oauth2/auth?login_verifier=${token}&state=${person}`,
    `${urls.publicUrl}/nowhere/${token}?access_token=${token}`,
    `${urls.adminUrl}/clients/${token}`,
    `${urls.adminUrl}/oauth2/auth/sessions/consent/${person}`,
    `${urls.adminUrl}/clients?secret=%zz${token}`,
  ]) {
    await (
      await fetch(url, { redirect: 'manual', headers: { authorization: `Bearer ${tokens.refresh_token}` } })
    ).text();
  }
  await authority.admin('POST', '/clients', `{"client_secret":"${client.secret}",`);
  await authority.admin('PUT', '/oauth2/auth/requests/login/none/accept', {
    subject: personal['subject'],
    remember: 3,
  });
}

/** Everything that is secret, where it does not belong: in other members, as names, in headers, paths and queries. */
async function confusions(
  authority: AuthorityClient,
  client: Client,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const { urls } = authority;
  const whole = Object.entries(secrets).filter(
    ([name]) => !name.endsWith('part') && !/^[pdq]{1,2} of|^qi of/.test(name),
  );
  for (const secret of [...whole.map(([, secret]) => secret), personal['subject'] ?? '']) {
    const [sent, basic] = [encodeURIComponent(secret), Buffer.from(`${secret}:${secret}`).toString('base64')];
    const misplaced = { client_id: secret, client_secret: secret, grant_type: secret, scope: secret, token: secret };
    await authority.form('/oauth2/token', { ...misplaced, grant_type: 'client_credentials' });
    await authority.form('/oauth2/token', misplaced, client);
    await authority.form('/oauth2/token', { grant_type: 'refresh_token', refresh_token: secret }, client);
    const code = { grant_type: 'authorization_code', code: secret, code_verifier: secret, redirect_uri: secret };
    await authority.form('/oauth2/token', code, client);
    const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    await authority.form('/oauth2/token', { client_assertion: secret, client_assertion_type: assertionType });
    await authority.form('/oauth2/revoke', { token: secret, [secret]: '1' });
    const query = `client_id=${client.id}&redirect_uri=${sent}&state=${sent}&${sent}=${sent}`;
    const headers = { cookie: `oauth2_authentication_session=${sent}`, 'x-request-id': 'said' };
    for (const [url, authorization] of [
      [`${urls.publicUrl}/oauth2/auth?${query}`, ''],
      [`${urls.publicUrl}/oauth2/auth?client_id=${sent}&login_verifier=${sent}&consent_verifier=${sent}`, ''],
      [
        `${urls.publicUrl}/oauth2/auth?client_id=${client.id}&response_type=code&state=long-enough&consent_verifier=${sent}`,
        '',
      ],
      [`${urls.publicUrl}/userinfo?access_token=${sent}`, ''],
      [`${urls.publicUrl}/oauth2/${sent}/${sent}`, `Basic ${basic}`],
      [`${urls.publicUrl}/oauth2//auth/?${query}`, `Basic ${basic}`],
      [`${urls.adminUrl}/${sent}/a`, `Basic ${basic}`],
      [`${urls.adminUrl}/keys/${sent}/${sent}`, ''],
      [`${urls.adminUrl}/oauth2/auth/requests/login?login_challenge=${sent}`, ''],
      [`${urls.adminUrl}/oauth2/auth/sessions/login/${sent}/${sent}`, ''],
    ] as const) {
      await (await fetch(url, { redirect: 'manual', headers: { ...headers, authorization } })).text();
    }
    for (const path of ['/clients', '/keys/hs', '/oauth2/auth/requests/consent/accept?consent_challenge=none']) {
      await authority.admin('POST', path, { [secret.slice(0, 40)]: secret, client_secret: 4, jwks_uri: secret });
      await authority.admin('PUT', path, `{"client_secret":"${secret}"`);
    }
  }
}

async function expectStatus(status: number, pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer;
}
