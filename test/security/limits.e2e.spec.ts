import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { rawExchange, statusesIn } from './raw-exchange.js';

const maxBodyBytes = 64 * 1024;
const urlencoded = 'application/x-www-form-urlencoded';
/** How long others may have to wait for one request. */
const longestWaitMs = 50;
const rounds = 6;

/** As often as it goes into a body. */
const filled = (start: string, part: string): string =>
  start + part.repeat(Math.floor((maxBodyBytes - start.length) / part.length));
const differentItems = (start: string): string => {
  const items = Array.from({ length: 20_000 }, (_, index) => index.toString(36));
  return `${start}${items.join('+')}`.slice(0, maxBodyBytes);
};
const multipart = 'multipart/form-data; boundary=b';
const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';

/** The dearest that was found of each class. */
const worst: readonly [what: string, body: string, contentType?: string][] = [
  ['pairs that cannot be decoded', filled('', '&%')],
  ['empty pairs', filled('', '&')],
  ['pairs of the same name', filled('', 'a&')],
  ['pairs of different names', differentItems('').replaceAll('+', '&')],
  ['one scope again and again', filled('grant_type=client_credentials&scope=', 'z+')],
  ['as many scopes as there can be', differentItems('grant_type=client_credentials&scope=')],
  ['a scope of as many parts as there can be', filled('grant_type=client_credentials&scope=', 'a.')],
  ['as many audiences as there can be', differentItems('grant_type=client_credentials&audience=')],
  ['an audience of slashes', filled('grant_type=client_credentials&audience=https://a', '/')],
  ['a value of escapes', filled('state=', '%C3%BC')],
  [
    'a long assertion',
    filled('client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=', 'a.'),
  ],
  ['a long code', filled('grant_type=authorization_code&code=', 'a')],
  ['many parts of a form', filled('', part), multipart],
];

describe('what a stranger may ask of the public listener', () => {
  const running = runningAuthority();
  let authorization: string;
  let clientId: string;

  beforeAll(async () => {
    const scope = Array.from({ length: 100 }, (_, index) => `scope-${index}.*`).join(' ');
    const audience = Array.from({ length: 50 }, (_, index) => `https://api-${index}.example/`);
    const { id, secret } = await running.authority.createClient({ scope, audience });
    clientId = id;
    authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    await post('/oauth2/token', 'grant_type=client_credentials'); // the secret is stretched once
  });

  it.each(worst)('%s cost nobody else more than 50 ms', async (_what, body, contentType = urlencoded) => {
    expect(body.length).toBeGreaterThan(maxBodyBytes - 200);
    for (const path of ['/oauth2/token', '/oauth2/revoke', `/oauth2/auth?client_id=${clientId}&response_type=code`]) {
      const waits: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const asked = post(path, body, contentType);
        waits.push(await waitOfAnother());
        expect((await asked).status).toBeLessThan(500);
      }
      expect(Math.min(...waits)).toBeLessThan(longestWaitMs); // other work on the machine adds to one wait or the other, not to all
    }
  });

  it('a body has at most 64 KiB', async () => {
    for (const path of ['/oauth2/token', '/oauth2/revoke', '/oauth2/auth', '/userinfo']) {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${urlencoded}\r\n`;
      const sized = (size: number): string => `${head}Content-Length: ${size}\r\n\r\n${'a'.repeat(size)}`;
      expect([path, statusesIn(await rawExchange(running.publicUrl, sized(maxBodyBytes + 1)))]).toEqual([path, [413]]);
      expect([path, statusesIn(await rawExchange(running.publicUrl, sized(maxBodyBytes)))]).not.toEqual([path, [413]]);
    }
  });

  it('at most 100 different scopes and audiences are asked for, each counted and granted once', async () => {
    const scopes = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => `scope-${index % 100}.${index}`);
    const ask = async (form: Record<string, string>) => {
      const answer = await post(
        '/oauth2/token',
        String(new URLSearchParams({ grant_type: 'client_credentials', ...form })),
      );
      return { status: answer.status, json: (await answer.json()) as { scope: string; error: string } };
    };
    const repeated = [...scopes(100), ...scopes(100)].join(' ');
    expect(await ask({ scope: repeated })).toMatchObject({ status: 200, json: { scope: scopes(100).join(' ') } });
    expect(await ask({ scope: scopes(101).join(' ') })).toMatchObject({
      status: 400,
      json: { error: 'invalid_scope' },
    });
    const audience = Array.from({ length: 101 }, (_, index) => `https://api-1.example/${index}`);
    expect((await ask({ audience: audience.slice(1).join(' ') })).status).toBe(200);
    expect(await ask({ audience: audience.join(' ') })).toMatchObject({
      status: 400,
      json: { error: 'invalid_request' },
    });
  });

  function post(path: string, body: string, contentType = urlencoded): Promise<Response> {
    const headers = { 'content-type': contentType, ...(path.startsWith('/oauth2/auth') ? {} : { authorization }) };
    return fetch(running.publicUrl + path, { method: 'POST', headers, body, redirect: 'manual' });
  }

  async function waitOfAnother(): Promise<number> {
    await pause(1); // the other one is under way
    const begun = performance.now();
    await (await fetch(`${running.publicUrl}/health/alive`)).text();
    return performance.now() - begun;
  }
});

describe('how long a stranger may take', () => {
  const running = runningAuthority({ SERVE_REQUEST_TIMEOUT: '1s' });

  it.each([
    [
      'a body that trickles',
      `POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${urlencoded}\r\nContent-Length: 60000\r\n\r\n`,
    ],
    ['headers that trickle', 'GET /health/alive HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  ])('%s is cut', async (_what, head) => {
    const { hostname, port } = new URL(running.publicUrl);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
    socket.write(head);
    const trickle = setInterval(() => socket.write('a'), 100);
    await once(socket, 'close');
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('how many strangers may come', () => {
  const maxConnections = 5;
  const running = runningAuthority({ SERVE_PUBLIC_MAX_CONNECTIONS: String(maxConnections) });

  it('connections beyond the limit are closed, the others answered', async () => {
    const { hostname, port } = new URL(running.publicUrl);
    const sockets = Array.from({ length: maxConnections + 3 }, () => connect(Number(port), hostname));
    for (const socket of sockets) socket.on('error', () => undefined).resume();
    const open = () => sockets.filter(({ closed }) => !closed);
    await until('those beyond the limit are closed', async () => open().length <= maxConnections);
    const answered = open().map(async (socket) => {
      socket.write('GET /health/alive HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return String((await once(socket, 'data'))[0]).slice(0, 12);
    });
    expect(new Set(await Promise.all(answered))).toEqual(new Set(['HTTP/1.1 200']));
    for (const socket of sockets) socket.destroy();
  });
});
