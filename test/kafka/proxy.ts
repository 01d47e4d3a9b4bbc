import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket, connect } from 'node:net';

/** Kafka's numbers for the requests that bring records, and that end a transaction. */
export const [produce, endTxn] = [0, 26];

/**
 * What becomes of a request: `lose request` keeps it from the broker, `lose answer` lets the broker do it; both end the connection. `spoil`
 * changes its last byte.
 */
export type Fate = 'pass' | 'lose request' | 'lose answer' | 'spoil';

/** Stands between clients and a broker, reads the frames that they exchange, and does to them what a test says. */
export class KafkaProxy {
  /** How many requests of each kind came by. */
  readonly seen = new Map<number, number>();
  /** Decides about each request by its kind. */
  fate: (apiKey: number) => Fate = () => 'pass';
  /** How long everything takes longer, in either direction. */
  delayMs = 0;
  private upstream = '';
  private refusing = false;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => this.serve(client));
  }

  static async listen(): Promise<KafkaProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new KafkaProxy(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Where the broker is: `host:port`. */
  leadTo(upstream: string): void {
    this.upstream = upstream;
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** From now on connections are ended as soon as they are there. */
  refuse(refusing: boolean): void {
    this.refusing = refusing;
    if (refusing) this.cut();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private serve(client: Socket): void {
    if (this.refusing) {
      client.destroy();
      client.on('error', () => undefined);
      return;
    }
    const [host, port] = this.upstream.split(':');
    const broker = connect(Number(port), host);
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut).on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    const lost = new Set<number>();
    onFrames(client, (frame) => {
      const apiKey = frame.readInt16BE(4);
      this.seen.set(apiKey, (this.seen.get(apiKey) ?? 0) + 1);
      const fate = this.fate(apiKey);
      if (fate === 'lose request') return cut();
      if (fate === 'lose answer') lost.add(frame.readInt32BE(8));
      if (fate === 'spoil') frame[frame.length - 1]! ^= 1;
      this.pass(frame, broker);
    });
    onFrames(broker, (frame) => {
      if (lost.has(frame.readInt32BE(4))) return cut();
      this.pass(frame, client);
    });
  }

  private pass(frame: Buffer, to: Socket): void {
    if (this.delayMs === 0) to.write(frame);
    else setTimeout(() => to.write(frame), this.delayMs);
  }
}

/** Calls back with each whole frame: its length in four bytes, then so many. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      take(held.subarray(0, end));
      held = held.subarray(end);
    }
  });
}
