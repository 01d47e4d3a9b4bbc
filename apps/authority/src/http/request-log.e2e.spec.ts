import { join } from 'node:path';
import { MemoryEventStore } from '#libs/event-store';
import { AuthorityClient } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../config/read-configuration.js';
import { type Served, serve } from '../process/serve.js';
import { ApplicationLog } from './application-log.js';

const requestId = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/);
const ms = expect.any(Number);

describe('the line that a request leaves', () => {
  const folder = blockFolder();
  const store = new MemoryEventStore();
  let lines: Record<string, unknown>[] = [];
  let served: Served;
  let authority: AuthorityClient;
  let client: Awaited<ReturnType<AuthorityClient['createClient']>>;
  const applicationLog = ApplicationLog.create({ level: 'debug', format: 'json' }, (line) => {
    const { time: _time, ...entry } = JSON.parse(line) as Record<string, unknown>;
    if (entry['route'] !== undefined) lines.push(entry);
  });

  beforeAll(async () => {
    const { configuration } = readConfiguration({
      ...{ SERVE_PUBLIC_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1', SERVE_ADMIN_PORT: '0' },
      ...{ SECRETS_SYSTEM: 'a-system-secret-for-tests', URLS_SELF_ISSUER: 'http://127.0.0.1:1' },
      ...{ DATA_DIR: join(folder.path, 'data'), SERVE_TLS_ALLOW_TERMINATION_FROM: '127.0.0.0/8,10.0.0.0/8' },
    });
    served = await serve(configuration, ['admin', 'public'], { store, applicationLog });
    authority = new AuthorityClient({ adminUrl: served.urls.admin ?? '', publicUrl: served.urls.public ?? '' });
    client = await authority.createClient();
  });
  beforeEach(() => {
    lines = [];
  });
  afterAll(() => served.close());

  const get = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, { headers, redirect: 'manual' });

  it('says who was refused, what they asked, and more of the reason than they are told', async () => {
    await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id: client.id, secret: 'wrong' });
    await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id: 'nobody', secret: 'wrong' });
    const common = {
      ...{ level: 'info', listener: 'public', method: 'POST', route: '/oauth2/token', status: 401, msg: 'refused' },
      ...{ requestId, ms, address: '127.0.0.1', error: 'invalid_client' },
    };
    const told = 'The client is unknown, or its credentials are wrong.';
    expect(lines).toEqual([
      { ...common, client: client.id, detail: `the client secret is wrong; ${told}` },
      { ...common, detail: `no client has this id; ${told}` },
    ]);
  });

  it.each([
    ['10.1.1.1', '203.0.113.7, 10.1.1.1, 10.2.2.2', '203.0.113.7'],
    ['a made-up first hop', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['no address', '203.0.113.7, somebody', '127.0.0.1'],
    ['nothing', '', '127.0.0.1'],
  ])('has the address that the proxies in front say: %s', async (_what, forwarded, address) => {
    await get(`${served.urls.public}/userinfo`, { 'x-forwarded-for': forwarded });
    expect(lines).toMatchObject([{ status: 401, error: 'request_unauthorized', address }]);
  });

  it('is of a redirect with an error as well, without its query', async () => {
    const query = `client_id=${client.id}&response_type=code&state=a-long-state&redirect_uri=http://evil.example/`;
    expect((await get(`${served.urls.public}/oauth2/auth?${query}`)).status).toBe(302);
    expect(lines).toMatchObject([
      { status: 302, msg: 'refused', client: client.id, route: '/oauth2/auth', error: 'invalid_request' },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/evil|a-long-state/);
  });

  it.each([
    ['/oauth2/tokn', '/oauth2/tokn'],
    ['/clients/some-id/secrets/more', '/clients/*/*/*'],
    ['/oauth2/auth/sessions/login/olga/again', '/oauth2/auth/sessions/login/*/*'],
    ['/nowhere/a-name?token=t', '/nowhere/*'],
    ['/olga@example.org', '/*'],
    [`/${'a/'.repeat(50)}`, `/a${'/*'.repeat(11)}`],
  ])('of what is not there has a path without names: %s', async (path, outline) => {
    await get(`${served.urls.admin}${path}`);
    expect(lines).toMatchObject([{ status: 404, route: 'unknown', path: outline, level: 'info' }]);
  });

  it('of a path that cannot be decoded is there too', async () => {
    const answer = await get(`${served.urls.admin}/clients/%zz`, { 'x-request-id': 'the-id' });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([400, 'the-id']);
    expect(lines).toMatchObject([{ status: 400, requestId: 'the-id', error: 'invalid_request', msg: 'refused' }]);
  });

  it('of health checks and metrics is for debugging', async () => {
    for (const path of ['/health/alive', '/health/ready', '/metrics/prometheus', '/version']) {
      await (await get(`${served.urls.admin}${path}`)).text();
    }
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug', 'debug']);
  });

  it('has the name by which every answer calls the request', async () => {
    const answers = [
      await get(`${served.urls.admin}/clients`),
      await get(`${served.urls.admin}/nowhere`),
      await get(`${served.urls.admin}/clients`, { host: 'rebound.example' }),
      await get(`${served.urls.public}/oauth2/auth`),
      await get(`${served.urls.public}/userinfo`),
    ];
    expect(lines.map((line) => line['requestId'])).toEqual(answers.map(({ headers }) => headers.get('x-request-id')));
    expect(await answers[4]?.json()).toMatchObject({ request_id: lines[4]?.['requestId'] });
  });
});
