import { describe, expect, it } from '@jest/globals';
import { subject } from '#libs/domain';
import { TestBrowser, challengeIn } from '#libs/harness';
import { authoritySpec } from '../../testing/authority-spec.js';
import { aClient, redirectUri } from '../../testing/histories.js';

const hash = '$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$LjzQQQfBu6oiuVew1rMcxHa9TJUIzcdEP64wW5xKh1M';
const otherHash = hash.replace('LjzQ', 'LjzR');

describe('clients from elsewhere', () => {
  const spec = authoritySpec();
  const bring = (body: object, query = '') =>
    spec.authority.admin('POST', `/import/clients${query}`, body, { 'x-reason': 'moving' });
  const outcome = async (body: object, query = ''): Promise<unknown> => (await bring(body, query)).json;

  it('are created with the hash of their secret, and a mark of where they come from', () =>
    spec
      .when(() => bring({ client_id: 'i1', client_name: 'One', client_secret_hash: hash, metadata: { team: 'a' } }))
      .thenAnswers({
        status: 200,
        body: { client_id: 'i1', outcome: 'created', unsupported: [] },
        events: [
          {
            ...{ stream: 'client-i1', type: 'ClientCreated', actor: 'admin', reason: 'moving' },
            data: {
              ...{ clientId: 'i1', secretHash: hash, createdAt: spec.clock.inSeconds(0), importedFrom: 'hydra' },
              registration: expect.objectContaining({ client_name: 'One', metadata: { team: 'a' } }),
            },
          },
        ],
      }));

  it('are not touched by a second import, nor is what was changed here since', async () => {
    const sent = { client_id: 'i2', client_name: 'Two', client_secret_hash: hash };
    await bring(sent);
    await spec.authority.admin('PUT', '/clients/i2', { client_name: 'Second', client_secret: 'a secret of here' });
    await spec.when(() => bring(sent)).thenAnswers({ status: 200, events: [] });
    expect(await outcome(sent)).toMatchObject({ outcome: 'unchanged' });
  });

  it('get what has changed there', async () => {
    const sent = { client_id: 'i3', client_name: 'Three', client_secret_hash: hash };
    await bring(sent);
    await spec
      .when(() => bring({ ...sent, client_name: 'Third', client_secret_hash: otherHash }))
      .thenAnswers({
        status: 200,
        body: expect.objectContaining({ outcome: 'updated' }),
        events: [
          expect.objectContaining({ type: 'ClientUpdated' }) as never,
          expect.objectContaining({
            type: 'ClientSecretRotated',
            data: expect.objectContaining({ secretHash: otherHash, importedFrom: 'hydra' }),
          }) as never,
        ],
      });
  });

  it('whose secret nobody knows get a new one, which is shown this one time', async () => {
    const created = await bring({ client_id: 'i4', grant_types: ['client_credentials'] });
    expect(created.json).toMatchObject({ outcome: 'created', client_secret: expect.stringMatching(/^\S{26}$/) });
    expect(created.headers.get('cache-control')).toBe('no-store');
    const credentials = { id: 'i4', secret: created.json.client_secret };
    const asked = await spec.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, credentials);
    expect(asked.status).toBe(200);
    expect(await outcome({ client_id: 'i4', grant_types: ['client_credentials'] })).not.toHaveProperty('client_secret');
  });

  it.each(['none', 'private_key_jwt'])('that have none get none: %s', async (method) => {
    const client = { client_id: `i5-${method}`, token_endpoint_auth_method: method, jwks_uri: 'https://keys.example/' };
    expect(await outcome(client)).toEqual({ client_id: `i5-${method}`, outcome: 'created', unsupported: [] });
  });

  it('stay away once they were deleted here', async () => {
    await bring({ client_id: 'i6', client_secret_hash: hash });
    await spec.authority.admin('DELETE', '/clients/i6');
    await spec
      .when(() => bring({ client_id: 'i6', client_name: 'Changed', client_secret_hash: hash }))
      .thenAnswers({ status: 200, body: expect.objectContaining({ outcome: 'gone' }), events: [] });
  });

  it('leave those alone that were made here', () =>
    spec
      .given(aClient('i7'))
      .when(() => bring({ client_id: 'i7' }))
      .thenAnswers({ status: 409, events: [] }));

  it('are only looked at in a rehearsal', async () => {
    await spec
      .when(() => bring({ client_id: 'i8', client_secret_hash: hash }, '?dry_run=true'))
      .thenAnswers({ status: 200, body: expect.objectContaining({ outcome: 'created' }), events: [] });
    expect((await spec.authority.admin('GET', '/clients/i8')).status).toBe(404);
  });

  it('come with the names of what is not done here', async () => {
    const client = {
      ...{
        client_id: 'i9',
        client_secret_hash: hash,
        skip_consent: true,
        backchannel_logout_uri: 'https://a.example/',
      },
      ...{ grant_types: ['implicit', 'authorization_code'], token_endpoint_auth_method: 'tls_client_auth' },
      ...{ backchannel_logout_session_required: false, post_logout_redirect_uris: [], access_token_strategy: 'opaque' },
    };
    expect(await outcome(client)).toMatchObject({
      unsupported: [
        ...['backchannel_logout_uri', 'grant_types=implicit', 'skip_consent'],
        'token_endpoint_auth_method=tls_client_auth',
      ],
    });
  });

  it.each([
    ['no id', { client_name: 'x' }, ''],
    ['a secret in clear', { client_id: 'i10', client_secret: 'in clear' }, ''],
    ['a hash that is none', { client_id: 'i10', client_secret_hash: '$pbkdf2-sha256$i=4000000000,l=32$aaaa$aaaa' }, ''],
    ['a registration that breaks a rule', { client_id: 'i10', redirect_uris: ['https://a.example/#b'] }, ''],
    ['a rehearsal that may be none', { client_id: 'i10' }, '?dry_run=yes'],
  ])('are refused with %s', (_what, body, query) =>
    spec.when(() => bring(body, query)).thenAnswers({ status: 400, events: [] }),
  );
});

describe('consents from elsewhere', () => {
  const spec = authoritySpec();
  const given = (challenge: string, clientId: string, person: string) => ({
    ...{ challenge, client_id: clientId, subject: person, grant_scope: ['openid', 'photos'], remember_for: 0 },
    ...{ requested_scope: ['openid', 'photos'], requested_at: '2024-03-02T08:20:00Z' },
    handled_at: '2024-03-02T08:21:00.5+01:00',
    request_url: `https://old.example/oauth2/auth?client_id=${clientId}&state=of-then&redirect_uri=https%3A%2F%2Fa.example%2F`,
    session: { access_token: { role: 'editor' }, id_token: {} },
  });
  const bring = (body: object, query = '') => spec.authority.admin('POST', `/import/consents${query}`, body);
  const openTo = (clientId: string) => aClient(clientId, { redirect_uris: ['https://a.example/'] });

  it('are recorded as what was asked and granted there, at the times of there', () =>
    spec
      .given(openTo('c1'))
      .when(() => bring(given('old-1', 'c1', 'ann')))
      .thenAnswers({
        status: 200,
        body: { challenge: 'old-1', outcome: 'created' },
        events: [
          expect.objectContaining({ type: 'SubjectKeySealed' }) as never,
          expect.objectContaining({ type: 'SubjectKeyCreated' }) as never,
          {
            ...{ stream: 'consent-old-1', type: 'ConsentRequested', actor: 'admin' },
            data: expect.objectContaining({
              ...{ requestedAt: '2024-03-02T08:20:00.000Z', subject: 'ann', state: 'of-then', importedFrom: 'hydra' },
              request: expect.objectContaining({ redirectUri: 'https://a.example/', redirectUriSent: true }),
            }),
          },
          {
            ...{ stream: 'consent-old-1', type: 'ConsentAccepted', actor: 'admin' },
            data: expect.objectContaining({ acceptedAt: '2024-03-02T07:21:00.500Z', remember: true }),
          },
        ],
      }));

  it('are not asked for again', async () => {
    await spec
      .given(aClient('c2', { token_endpoint_auth_method: 'client_secret_basic' }))
      .when(() => bring(given('old-2', 'c2', 'ben')))
      .thenAnswers({ status: 200, events: expect.any(Array) as never });
    const ask = async (scope: string): Promise<unknown> => {
      const browser = new TestBrowser();
      const parameters = {
        client_id: 'c2',
        scope,
        redirect_uri: redirectUri,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      };
      const login = await spec.authority.requestLogin(browser, parameters);
      const consent = await browser.followed(await spec.authority.acceptLogin(login, { subject: 'ben' }));
      return (await spec.authority.consentRequest(challengeIn(consent, 'consent_challenge'))).skip;
    };
    expect(await ask('photos')).toBe(true);
    expect(await ask('photos offline')).toBe(false);
  });

  it('are shown as consents of the person', async () => {
    await spec
      .given(openTo('c3'))
      .when(() => bring(given('old-3', 'c3', 'cleo')))
      .thenAnswers({ status: 200, events: expect.any(Array) as never });
    const { json } = await spec.authority.admin('GET', '/admin/oauth2/auth/sessions/consent?subject=cleo');
    expect(json).toEqual([
      expect.objectContaining({ handled_at: '2024-03-02T07:21:00.500Z', remember: true, consent_request_id: 'old-3' }),
    ]);
  });

  it('come once', async () => {
    await spec
      .given(openTo('c4'))
      .when(() => bring(given('old-4', 'c4', 'dora')))
      .thenAnswers({ status: 200, events: expect.any(Array) as never });
    await spec
      .when(() => bring(given('old-4', 'c4', 'dora')))
      .thenAnswers({ status: 200, body: { challenge: 'old-4', outcome: 'unchanged' }, events: [] });
  });

  it.each([null, 'c5'])('do not come back, nor others, once they were revoked here: at %s', (clientId) => {
    const person = `eve-${String(clientId)}`;
    const subjectHash = spec.subjectHash(person);
    return spec
      .given(openTo('c5'), {
        stream: subject.streamOf(subjectHash),
        events: [{ type: 'ConsentRevoked', data: { subjectHash, clientId, revokedAt: spec.clock.inSeconds(-60) } }],
      })
      .when(() => bring(given(`old-5-${String(clientId)}`, 'c5', person)))
      .thenAnswers({ status: 200, body: expect.objectContaining({ outcome: 'revoked' }), events: [] });
  });

  it('are only looked at in a rehearsal', () =>
    spec
      .given(openTo('c6'))
      .when(() => bring(given('old-6', 'c6', 'finn'), '?dry_run=true'))
      .thenAnswers({ status: 200, body: { challenge: 'old-6', outcome: 'created' }, events: [] }));

  it('need their client', () =>
    spec.when(() => bring(given('old-7', 'nobody', 'gina'))).thenAnswers({ status: 404, events: [] }));

  it.each([
    ['no challenge', { challenge: '' }],
    ['no subject', { subject: '' }],
    ['no time', { handled_at: '' }],
    ['a day that is none', { requested_at: '2024-13-41T00:00:00Z' }],
    ['a member nobody knows', { surprise: 1 }],
  ])('are refused with %s', (_what, members) =>
    spec.when(() => bring({ ...given('old-8', 'c8', 'hugo'), ...members })).thenAnswers({ status: 400, events: [] }),
  );
});
