import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { scratchFolder } from '../authority-process.js';
import { until } from '../until.js';
import { JavaProcess, runJava } from './java.js';

const startTimeoutMs = 150_000;
const clusterId = 'aHlkcmFudC1rYWZrYS10ZQ';

type Node = { readonly id: number; readonly port: number; readonly controllerPort: number; readonly folder: string };

/**
 * `settings` are added to every node's. `proxyPort`: each node has a second listener, and tells clients that come by it to go on by this
 * port. `outside`: it has one that speaks so, named OUTSIDE in settings.
 */
export type ClusterOptions = {
  nodes?: 1 | 3;
  settings?: Record<string, string | number>;
  proxyPort?: number;
  outside?: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SASL_SSL';
};

/** One broker that can be killed, frozen and started again on the same port and folder. */
class Broker {
  private java: JavaProcess | undefined;

  constructor(
    readonly id: number,
    readonly address: string,
    /** The second listener: to put a proxy in front of, whose port it advertises, or the one that speaks as asked for. */
    readonly outside: string | undefined,
    private readonly propertiesFile: string,
  ) {}

  get running(): boolean {
    return this.java?.running === true;
  }

  /** Begins to start; `ready` waits. */
  start(): void {
    if (this.running) throw new Error(`broker ${this.id} is running`);
    this.java = new JavaProcess('kafka.Kafka', [this.propertiesFile]);
  }

  async ready(): Promise<void> {
    const { java } = this;
    const port = Number(this.address.split(':')[1]);
    await until(
      `broker ${this.id} listens`,
      async () => {
        if (java?.running !== true) throw new Error(`broker ${this.id} ended: ${java?.output}${java?.errors}`);
        return accepts(port);
      },
      startTimeoutMs,
    );
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.java?.kill();
  }

  /** SIGTERM, and waits for the orderly end. */
  async stop(): Promise<void> {
    this.java?.signal('SIGTERM');
    await this.java?.ended();
  }

  /** SIGSTOP: connections stay, nobody answers. */
  freeze(): void {
    this.java?.signal('SIGSTOP');
  }

  thaw(): void {
    this.java?.signal('SIGCONT');
  }
}

/** Apache Kafka in KRaft mode: one node or three, on free ports of this machine, each with a log folder of its own. */
export class KafkaCluster {
  private constructor(
    readonly brokers: readonly Broker[],
    private readonly removeFolder: () => Promise<void>,
  ) {}

  static async start(options: ClusterOptions = {}): Promise<KafkaCluster> {
    const { folder, remove } = await scratchFolder();
    const nodes: Node[] = [];
    for (let id = 1; id <= (options.nodes ?? 1); id += 1) {
      const nodeFolder = join(folder, `node-${id}`);
      await mkdir(nodeFolder);
      nodes.push({ id, port: await freePort(), controllerPort: await freePort(), folder: nodeFolder });
    }
    const brokers = await Promise.all(nodes.map((node) => prepare(node, nodes, options)));
    const cluster = new KafkaCluster(brokers, remove);
    try {
      for (const broker of brokers) broker.start();
      await Promise.all(brokers.map((broker) => broker.ready()));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Where clients begin: `host:port`, one a node. */
  get addresses(): string[] {
    return this.brokers.map(({ address }) => address);
  }

  broker(id: number): Broker {
    const found = this.brokers.find((broker) => broker.id === id);
    if (found === undefined) throw new Error(`no broker ${id}`);
    return found;
  }

  /** Ends all nodes and removes what they stored. */
  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()));
    await this.removeFolder();
  }
}

async function prepare(node: Node, nodes: readonly Node[], options: ClusterOptions): Promise<Broker> {
  const outsidePort = options.proxyPort === undefined && options.outside === undefined ? undefined : await freePort();
  const file = join(node.folder, 'server.properties');
  await writeFile(file, propertiesOf(node, nodes, outsidePort, options));
  await runJava('kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', file]);
  const outside = outsidePort === undefined ? undefined : `127.0.0.1:${outsidePort}`;
  return new Broker(node.id, `127.0.0.1:${node.port}`, outside, file);
}

function propertiesOf(
  node: Node,
  nodes: readonly Node[],
  outsidePort: number | undefined,
  { settings, proxyPort, outside = 'PLAINTEXT' }: ClusterOptions,
): string {
  const replicas = nodes.length;
  const listeners = [`PLAINTEXT://127.0.0.1:${node.port}`, `CONTROLLER://127.0.0.1:${node.controllerPort}`];
  const advertised = [`PLAINTEXT://127.0.0.1:${node.port}`];
  if (outsidePort !== undefined) {
    listeners.push(`OUTSIDE://127.0.0.1:${outsidePort}`);
    advertised.push(`OUTSIDE://127.0.0.1:${proxyPort ?? outsidePort}`);
  }
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,OUTSIDE:${outside}`,
    listeners: listeners.join(','),
    'advertised.listeners': advertised.join(','),
    'log.dirs': join(node.folder, 'log'),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': replicas === 3 ? 2 : 1,
    'transaction.state.log.num.partitions': 3,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    ...settings,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}
