import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runHydrant } from '#libs/harness';

/** Compressnet: nothing serves it, and the system gives it to nobody who asks for any port. */
const nobodysPort = 2;

describe('what hydrant talks to', () => {
  let server: Server;
  let url: string;
  const requests: IncomingMessage[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      if (request.url?.includes('/moved/')) response.writeHead(302, { location: '/elsewhere' }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const lastRequest = () => requests.at(-1);

  it('a bearer token for a proxy, and that TLS ended there', async () => {
    const flags = ['--access-token', 'for-the-proxy', '--fake-tls-termination'];
    const listed = await runHydrant(['clients', 'list', '--endpoint', `${url}/behind/`, '--limit', '3', ...flags]);
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(lastRequest()?.url).toBe('/behind/clients?limit=3&offset=0');
    expect(lastRequest()?.headers).toMatchObject({
      ...{ authorization: 'Bearer for-the-proxy', 'x-forwarded-proto': 'https' },
    });
  });

  it('--endpoint before HYDRA_ADMIN_URL before HYDRA_URL; OAUTH2_ACCESS_TOKEN', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const env = { HYDRA_ADMIN_URL: url, HYDRA_URL: nowhere, OAUTH2_ACCESS_TOKEN: 'from-env' };
    expect((await runHydrant(['clients', 'list'], env)).code).toBe(0);
    expect(lastRequest()?.headers).toMatchObject({ authorization: 'Bearer from-env' });
    expect((await runHydrant(['clients', 'list'], { HYDRA_URL: url })).code).toBe(0);
    expect((await runHydrant(['clients', 'list', '--endpoint', url], { HYDRA_ADMIN_URL: nowhere })).code).toBe(0);
  });

  it('redirects are not followed: they could carry the token elsewhere', async () => {
    const { code, stderr } = await runHydrant(['clients', 'get', 'moved', '--endpoint', `${url}/moved`]);
    expect([code, stderr]).toEqual([1, 'hydrant: GET /clients/moved was answered with 302\n']);
  });

  it('nothing there: one line', async () => {
    const { code, stdout, stderr } = await runHydrant([
      'keys',
      'get',
      'a',
      '--endpoint',
      `http://localhost:${nobodysPort}`,
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^hydrant: http:\/\/localhost:\d+ cannot be reached: .*ECONNREFUSED.*\n$/);
  });

  it.each([
    ['clients', 'create'],
    ['clients', 'list'],
    ['clients', 'update', 'a', '-n', 'b'],
    ['clients', 'delete', 'a', 'b'],
    ['clients', 'import', '-'],
    ['keys', 'create', 'a'],
    ['keys', 'delete', 'a'],
    ['token', 'client', '--client-id', 'a', '--client-secret', 'b'],
    ['token', 'revoke', 't', '--client-id', 'a', '--client-secret', 'b'],
    ['token', 'introspect', 't'],
    ['token', 'flush'],
  ])('nothing there: %s %s ends with 1 and one line', async (...args) => {
    const endpoint = `http://127.0.0.1:${nobodysPort}`;
    const { code, stdout, stderr } = await runHydrant([...args, '--endpoint', endpoint], {}, '{"client_id":"a"}');
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^hydrant: \S+ cannot be reached: .+\n$/)]);
  });

  it.each([
    [
      'no endpoint',
      ['clients', 'list'],
      /^hydrant: no endpoint: give --endpoint, or set HYDRA_ADMIN_URL or HYDRA_URL\n$/,
    ],
    [
      'an endpoint that is none',
      ['clients', 'list', '--endpoint', 'localhost'],
      /^hydrant: the endpoint "localhost" .+\n$/,
    ],
    ['a name no URL can hold', ['clients', 'get', '..', '--endpoint', 'http://a'], /^hydrant: "\.\." cannot be .+\n$/],
    ['an unknown flag', ['clients', 'list', '--colour'], /^error: unknown option '--colour'\n$/],
    ['a missing name', ['keys', 'get'], /^error: missing required argument 'set'\n$/],
    [
      'a page that is none',
      ['clients', 'list', '--page', '0', '--endpoint', 'http://a'],
      /^hydrant: --page must be .+\n$/,
    ],
  ])('refused in one line: %s', async (_what, args, line) => {
    const { code, stdout, stderr } = await runHydrant(args);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(line)]);
  });
});

describe('hydrant help', () => {
  it.each([
    [['--help'], ['serve', 'read-model', 'version', 'clients', 'keys', 'token']],
    [
      ['clients', '--help'],
      ['create', 'get', 'list', 'update', 'delete', 'import'],
    ],
    [
      ['help', 'keys'],
      ['create', 'get', 'delete', 'import'],
    ],
    [
      ['help', 'token'],
      ['client', 'introspect', 'revoke', 'flush'],
    ],
  ])('%j lists the commands', async (args, commands) => {
    const { code, stdout } = await runHydrant(args);
    expect(code).toBe(0);
    expect([...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)).toEqual(expect.arrayContaining(commands));
  });

  it('the commands of the server are there as before', async () => {
    expect(await runHydrant(['version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });
});
