import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

const host = '127.0.0.1';

/**
 * A port that is ours from the first moment to `close`, whatever becomes of the server behind it: connections are passed on to
 * where that listens now, and may be cut, held up or refused. What a server answers before it has read everything, ending the
 * connection with that, may get lost on the way.
 */
export class TcpRelay {
  private readonly sockets = new Set<Socket>();
  private readonly clients = new Set<Socket>();
  private held: (() => void)[] | undefined;
  private target: number | undefined;

  private constructor(private readonly server: Server) {
    server.on('connection', (client: Socket) => this.accept(client));
  }

  /** Listens on a port the system chooses; refuses until it is told where to pass connections on. */
  static async listen(): Promise<TcpRelay> {
    const server = createServer({ allowHalfOpen: true }).listen(0, host);
    await once(server, 'listening');
    server.unref();
    return new TcpRelay(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open to it, and passed on. */
  get connections(): number {
    return this.clients.size;
  }

  /** Passes connections on to this port from now on. */
  up(targetPort: number): void {
    this.target = targetPort;
  }

  /** Ends every connection and resets new ones at once. The port stays ours. */
  down(): void {
    this.target = undefined;
    this.cut();
  }

  /** Ends every connection without a word. New ones are accepted. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.held &&= [];
  }

  /** While on, connections are accepted and stay open, and nothing passes; afterwards everything that was held up does. */
  freeze(on: boolean): void {
    if (on) {
      this.held ??= [];
      return;
    }
    const held = this.held ?? [];
    this.held = undefined;
    for (const socket of this.sockets) socket.cork(); // a request and its cancellation arrive together
    for (const pass of held) pass();
    for (const socket of this.sockets) socket.uncork();
  }

  async close(): Promise<void> {
    this.down();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined); // 'close' follows
    if (this.target === undefined) {
      client.resetAndDestroy();
      return;
    }
    this.clients.add(client);
    client.on('close', () => this.clients.delete(client));
    const upstream = connect({ port: this.target, host, allowHalfOpen: true });
    upstream.on('error', () => undefined);
    this.forward(client, upstream);
    this.forward(upstream, client);
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true).unref();
    from.on('data', (chunk) => this.pass(() => to.write(chunk)));
    from.on('end', () => this.pass(() => to.end()));
    from.on('close', () => {
      this.sockets.delete(from);
      this.pass(() => to.destroySoon());
    });
  }

  private pass(action: () => void): void {
    if (this.held === undefined) action();
    else this.held.push(action);
  }
}
