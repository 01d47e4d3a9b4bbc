import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startScavenge } from './scavenge.js';

describe('startScavenge', () => {
  let server: Server;
  afterEach(() => void server.close());

  async function answering(status: number, body: string): Promise<string> {
    server = createServer((_request, response) => void response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('tells which scavenge goes on', async () => {
    expect(await startScavenge(await answering(200, '{"scavengeId":"one"}'))).toBe('one');
  });

  it.each([401, 404])('fails where the server answers %d', async (status) => {
    const host = await answering(status, '{"scavengeId":"none"}');
    await expect(startScavenge(host)).rejects.toThrow(`the server does not scavenge: ${status}`);
  });
});
