import { type FastifyInstance } from 'fastify';
import { type Socket } from 'node:net';

/**
 * Lets a closing listener end as soon as its last answer is out. A server that closes waits for every connection but those that
 * idle after an answer: connections over which nothing was asked yet would hold it up, and so would those of requests in flight,
 * which were promised to be kept alive.
 */
export function drainOnClose(server: FastifyInstance): void {
  const unused = new Set<Socket>();
  let closing = false;
  server.server.on('connection', (socket) => {
    if (closing) return void socket.destroy();
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.server.on('request', ({ socket }) => unused.delete(socket));
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
  server.addHook('preClose', (done) => {
    closing = true;
    for (const socket of unused) socket.destroy();
    done();
  });
}
