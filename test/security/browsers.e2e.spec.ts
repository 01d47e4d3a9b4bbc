import { describe, expect, it } from '@jest/globals';
import { until } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { rawExchange, statusesIn } from './raw-exchange.js';

const keys = '/keys/hydra.openid.id-token';

describe('web pages in a browser that can reach the Admin API', () => {
  const running = runningAuthority();
  const sent = async (head: string, body = ''): Promise<{ statuses: number[]; answer: string }> => {
    const answer = await rawExchange(running.authority.urls.adminUrl, `${head}\r\n${body}`);
    return { statuses: statusesIn(answer), answer: String(answer) };
  };
  const get = (path: string, ...headers: string[]) =>
    sent([`GET ${path} HTTP/1.1`, 'Connection: close', ...headers, ''].join('\r\n'));

  it('do not make a client of their own', async () => {
    const body = '{"client_id":"of-a-page","scope":"*"}';
    const head = ['POST /clients HTTP/1.1', 'Host: localhost:4445', 'Connection: close', 'Content-Type: text/plain'];
    const length = `Content-Length: ${body.length}`;
    for (const from of ['Origin: https://evil.example', 'Origin: null', 'Sec-Fetch-Site: cross-site'])
      expect((await sent([...head, length, from, ''].join('\r\n'), body)).statuses).toEqual([403]);
    expect((await running.authority.admin('GET', '/clients/of-a-page')).status).toBe(404);
  });

  it('get no answer to a preflight, nor to a path that is not there', async () => {
    const preflight = [
      'OPTIONS /clients HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      'Origin: https://evil.example',
      '',
    ];
    expect((await sent(preflight.join('\r\n'))).statuses).toEqual([403]);
    expect((await get('/nothing', 'Host: localhost', 'Origin: https://evil.example')).statuses).toEqual([403]);
  });

  it('do not read keys under a name that was made to lead here', async () => {
    const { statuses, answer } = await get(keys, 'Host: rebound.evil.example:4445');
    expect(statuses).toEqual([421]);
    expect(answer).toContain('SERVE_ADMIN_ALLOWED_HOSTS');
    expect((await get(keys, 'Host: localhost', 'Host: rebound.evil.example')).statuses).toEqual([400]);
    expect((await get(`http://rebound.evil.example${keys}`, 'Host: localhost')).statuses).toEqual([400]);
    expect((await get('/health/alive', 'Host: rebound.evil.example')).statuses).toEqual([200]);
  });

  it('keep nobody else out: programs by address or name, HTTP/1.0 without a name, Node’s fetch', async () => {
    for (const host of ['localhost:4445', '127.0.0.1', '10.0.3.7:4445', '[::1]', 'admin.hydrant.internal'])
      expect([host, (await get(keys, `Host: ${host}`)).statuses]).toEqual([host, [200]]);
    expect((await sent(`GET ${keys} HTTP/1.0\r\n`)).statuses).toEqual([200]);
    expect((await fetch(`${running.authority.urls.adminUrl}${keys}`)).status).toBe(200);
  });

  it('are told of in the log once for each name, with the setting', async () => {
    for (let times = 0; times < 3; times += 1) await get(keys, 'Host: twice.evil.example');
    const linesAbout = (name: string) => running.output.split('\n').filter((line) => line.includes(name));
    await get(keys, 'Host: last.evil.example');
    await until('the log has the last one', async () => linesAbout('last.evil.example').length > 0);
    const lines = linesAbout('twice.evil.example').filter((line) => line.includes('"level":"warn"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('SERVE_ADMIN_ALLOWED_HOSTS');
  });
});

describe('where names and origins are listed', () => {
  const running = runningAuthority({
    SERVE_ADMIN_ALLOWED_HOSTS: 'admin.example.org',
    SERVE_ADMIN_ALLOWED_ORIGINS: 'https://console.example.org',
  });

  it('those are let in', async () => {
    const head = [`GET ${keys} HTTP/1.1`, 'Host: admin.example.org', 'Connection: close'];
    const from = (origin: string) =>
      rawExchange(
        running.authority.urls.adminUrl,
        [...head, `Origin: ${origin}`, 'Sec-Fetch-Site: cross-site', '', ''].join('\r\n'),
      );
    expect(statusesIn(await from('https://console.example.org'))).toEqual([200]);
    expect(statusesIn(await from('https://evil.example'))).toEqual([403]);
  });
});
