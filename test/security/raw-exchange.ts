import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/**
 * Writes bytes to a listener, as no HTTP client would, and returns everything it answered until it closed the connection.
 *
 * @throws when it does not close it within `timeoutMs`
 */
export async function rawExchange(url: string, bytes: string | Buffer, timeoutMs = 10_000): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined); // a reset ends it as well
  socket.setTimeout(timeoutMs, () => {
    chunks.push(Buffer.from('(still open)'));
    socket.destroy();
  });
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

/** The status codes of the answers in what came back, in order. */
export function statusesIn(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
