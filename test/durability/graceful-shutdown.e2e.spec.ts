import { type Socket, connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, startAuthority, until } from '#libs/harness';
import { blockFolder } from '#libs/testing';

describe('SIGTERM', () => {
  const folder = blockFolder();

  it('lets a request in flight finish, and ends with 0 in seconds although connections idle', async () => {
    const authority = await startAuthority(folder.path);
    const silent = await Promise.all([connected(authority.adminUrl), connected(authority.publicListenerUrl)]);
    const idle = await Promise.all([keptAlive(authority.adminUrl), keptAlive(authority.publicListenerUrl)]);
    const inFlight = await connected(authority.adminUrl);
    const body = JSON.stringify({ client_id: 'in-flight' });
    const head = ['POST /clients HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
    inFlight.socket.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
    await answered(authority); // its beginning was read by now
    const stopping = authority.stop();
    await until('the shutdown has begun', async () => authority.output().includes('shutting down'));
    const begun = performance.now();
    inFlight.socket.write(body.slice(5));
    await until('the answer', async () => inFlight.received().includes('\r\n\r\n'));
    expect(inFlight.received()).toMatch(/^HTTP\/1\.1 201 /);
    expect(await stopping).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
    for (const { socket } of [...silent, ...idle, inFlight]) socket.destroy();
    const again = await startAuthority(folder.path);
    expect((await new AuthorityClient(again).admin('GET', '/clients/in-flight')).status).toBe(200);
    expect(await again.stop()).toBe(0);
  });
});

type Connection = { readonly socket: Socket; received(): string };

async function connected(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined); // reset when the process goes
  await once(socket, 'connect');
  return { socket, received: () => text };
}

/** A connection that was used once and waits for more. */
async function keptAlive(url: string): Promise<Connection> {
  const connection = await connected(url);
  connection.socket.write('GET /health/alive HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until('an answer', async () => connection.received().includes('"ok"'));
  return connection;
}

async function answered({ adminUrl }: AuthorityProcess): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await (await fetch(`${adminUrl}/health/alive`)).text();
}
