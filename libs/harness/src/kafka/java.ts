import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { kafkaClassPath } from './jars.js';

const usualJvm = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/**
 * Runs Java so that it cannot outlive this process, however that ends: the shell between them kills it when its standard input closes.
 * The first line on standard output is Java's process id.
 */
const guarded = `
  exec 3<&0
  java "$@" </dev/null & java=$!
  echo $java
  (read -r _ <&3; kill -9 $java) 2>/dev/null & guard=$!
  wait $java; code=$?
  kill $guard 2>/dev/null
  exit $code`;

/** Settings in the environment, and of the virtual machine in the place of those that make it start soon. */
export type JavaOptions = { readonly env?: Record<string, string>; readonly jvm?: readonly string[] };

/** A Java program in a process of its own. */
export class JavaProcess {
  private readonly child: ChildProcess;
  private readonly chunks: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
  private readonly closed: Promise<unknown>;

  constructor(mainClass: string, args: readonly string[], { env = {}, jvm = usualJvm }: JavaOptions = {}) {
    this.child = spawn('sh', ['-c', guarded, 'java', ...jvm, '-cp', kafkaClassPath(), mainClass, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stdout!.on('data', (chunk: Buffer) => this.chunks.out.push(chunk));
    this.child.stderr!.on('data', (chunk: Buffer) => this.chunks.err.push(chunk));
    this.child.stdin!.on('error', () => undefined); // it may end first
    this.closed = once(this.child, 'close');
  }

  /** What it printed, without the line that carries the process id. */
  get output(): string {
    const text = Buffer.concat(this.chunks.out).toString('utf8');
    return text.slice(text.indexOf('\n') + 1);
  }

  get errors(): string {
    return Buffer.concat(this.chunks.err).toString('utf8');
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @returns whether there was a process to send it to */
  signal(name: NodeJS.Signals): boolean {
    const pid = Number.parseInt(Buffer.concat(this.chunks.out).toString('utf8'), 10);
    if (!this.running || !Number.isInteger(pid)) return false;
    process.kill(pid, name);
    return true;
  }

  /** Resolves with the exit code when it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.child.stdin!.end();
    await this.closed;
  }
}

/** Runs a Java program to its end. @throws unless it ends with 0 */
export async function runJava(mainClass: string, args: readonly string[], options?: JavaOptions): Promise<string> {
  const java = new JavaProcess(mainClass, args, options);
  const code = await java.ended();
  if (code !== 0) throw new Error(`${mainClass} ended with ${code}: ${java.output}${java.errors}`);
  return java.output;
}
