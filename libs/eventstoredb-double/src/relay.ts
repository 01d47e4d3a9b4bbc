import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

const host = '127.0.0.1';

/** Passes TCP connections on to a server behind it, and lets them be cut, held up or refused. Its port stays the same. */
export class TcpRelay {
  private readonly sockets = new Set<Socket>();
  private held: (() => void)[] | undefined;
  private server: Server | undefined;
  private listenPort = 0;

  private constructor(private readonly targetPort: number) {}

  /** @param port to listen on; a free one when 0 */
  static async listen(targetPort: number, port: number): Promise<TcpRelay> {
    const relay = new TcpRelay(targetPort);
    relay.listenPort = port;
    await relay.up();
    return relay;
  }

  get port(): number {
    return this.listenPort;
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

  /** Ends every connection and refuses new ones. */
  async down(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  async up(): Promise<void> {
    if (this.server !== undefined) return;
    this.server = createServer((client) => this.accept(client)).listen(this.listenPort, host);
    await once(this.server, 'listening');
    this.listenPort = (this.server.address() as AddressInfo).port;
  }

  private accept(client: Socket): void {
    const upstream = connect({ port: this.targetPort, host });
    this.forward(client, upstream);
    this.forward(upstream, client);
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => this.pass(() => to.write(chunk)));
    from.on('error', () => undefined); // 'close' follows
    from.on('close', () => {
      this.sockets.delete(from);
      this.pass(() => to.end());
    });
  }

  private pass(action: () => void): void {
    if (this.held === undefined) action();
    else this.held.push(action);
  }
}
