import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type RequestListener } from 'node:http';
import { type Server, createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

/** A self-signed certificate for localhost that expires in a hundred years; its key is known to everybody. */
const tls = join(import.meta.dirname, '../fixtures/tls');
const redirectUris = ['https://one.example/cb', 'https://two.example/cb'];

/** What the sector's host answers, by path. */
const documents: Record<string, RequestListener> = {
  '/all': (_request, response) => response.end(JSON.stringify([...redirectUris, 'https://three.example/cb'])),
  '/all-with-404': (_request, response) => response.writeHead(404).end(JSON.stringify(redirectUris)),
  '/empty': (_request, response) => response.end('[]'),
  '/one': (_request, response) => response.end(JSON.stringify(redirectUris.slice(0, 1))),
  '/object': (_request, response) => response.end('{"0":"https://one.example/cb"}'),
  '/numbers': (_request, response) => response.end('[1,2]'),
  '/html': (_request, response) => response.end('<html>'),
  '/moved': (_request, response) => response.writeHead(302, { location: '/all' }).end(),
  '/moved-to-ftp': (_request, response) => response.writeHead(302, { location: 'ftp://localhost/all' }).end(),
  '/moved-nowhere': (_request, response) => response.writeHead(302, { location: 'https://[' }).end(),
  '/round': (_request, response) => response.writeHead(302, { location: '/round' }).end(),
  '/endless': (_request, response) => {
    const more = (): void => void (response.destroyed || response.write(' '.repeat(65_536), more));
    more();
  },
  '/silent': () => undefined,
  '/broken': (_request, response) => response.destroy(),
};

let server: Server;
let origin: string;

beforeAll(async () => {
  const [key, cert] = ['key', 'cert'].map((name) => readFileSync(join(tls, `localhost.${name}.pem`)));
  server = createServer({ key: key!, cert: cert! }, (request, response) =>
    (documents[request.url ?? ''] ?? documents['/html']!)(request, response),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `https://localhost:${(server.address() as { port: number }).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function register(running: ReturnType<typeof runningAuthority>, uri: string): Promise<Answer> {
  return running.authority.admin('POST', '/clients', { redirect_uris: redirectUris, sector_identifier_uri: uri });
}

function expectRefused({ status, json }: Answer, why: RegExp): void {
  expect({ status, json }).toMatchObject({ status: 400, json: { error: 'invalid_request', status_code: 400 } });
  expect(json.error_hint).toMatch(/metadata/); // ERR-400-VAL with debug text
  expect(json.error_debug).toMatch(why);
}

describe('sector_identifier_uri on a server that may ask its neighbours', () => {
  const running = runningAuthority({
    OUTBOUND_ALLOW_PRIVATE_ADDRESSES: 'true',
    NODE_EXTRA_CA_CERTS: join(tls, 'localhost.cert.pem'),
  });

  it.each(['/all', '/all-with-404', '/moved'])('C14 with all redirect URIs: %s', async (path) => {
    const answer = await register(running, `${origin}${path}`);
    expect([answer.status, answer.json.sector_identifier_uri]).toEqual([201, `${origin}${path}`]);
  });

  it.each([
    ['/empty', /empty list/],
    ['/one', /does not list every redirect URI/],
    ['/object', /list of strings/],
    ['/numbers', /list of strings/],
    ['/html', /not JSON/],
    ['/moved-to-ftp', /not https/],
    ['/moved-nowhere', /no URL/],
    ['/round', /redirects more than/],
    ['/endless', /larger than 1 MiB/],
    ['/broken', /cannot be used: it cannot be reached$/],
  ])('C14 %s is refused', async (path, why) => expectRefused(await register(running, `${origin}${path}`), why));

  it('C14 is not waited for without end', async () => {
    const started = Date.now();
    expectRefused(await register(running, `${origin}/silent`), /cannot be used/);
    expect(Date.now() - started).toBeLessThan(8000);
  });

  it('C14 is asked for on update, too, and before the client is', async () => {
    const { json } = await register(running, `${origin}/all`);
    const change = { redirect_uris: ['https://four.example/cb'], sector_identifier_uri: `${origin}/all` };
    expectRefused(await running.authority.admin('PUT', `/clients/${json.client_id}`, change), /every redirect URI/);
    expectRefused(await running.authority.admin('PUT', '/clients/nobody', change), /every redirect URI/);
  });
});

describe('sector_identifier_uri', () => {
  const running = runningAuthority({ NODE_EXTRA_CA_CERTS: join(tls, 'localhost.cert.pem') });

  it('C14 never leads to this machine or its network, by address or by name', async () => {
    const { port } = new URL(origin);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0.0.0.0'])
      expectRefused(await register(running, `https://${host}:${port}/all`), /address is private/);
    for (const host of ['169.254.169.254', '10.0.0.1', '192.168.1.1', '[fe80::1]', '[fd00::1]'])
      expectRefused(await register(running, `https://${host}/`), /address is private/);
  });

  it('C14 is https', async () => {
    for (const uri of ['http://localhost/', 'ftp://localhost/'])
      expectRefused(await register(running, uri), /must have the scheme https/);
    for (const uri of ['https://[/', 'https://', 'file:///etc/passwd', 'https:/\\localhost', 'localhost', '/all']) {
      const { status, json } = await register(running, uri);
      expect([uri, status, json.error]).toEqual([uri, 400, 'invalid_request']);
    }
  });
});
