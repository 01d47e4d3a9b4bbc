import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '#libs/harness';

const script = join(dirname(fileURLToPath(import.meta.url)), 'relay-process.mjs');

export type RelayUnderTestOptions = {
  store: string;
  brokers: readonly string[];
  prefix: string;
  turns?: 'group' | 'bypassed';
  requestTimeoutMs?: number;
};

/** A relay in a process of its own, which can be killed, frozen and started again. */
export class RelayUnderTest {
  private child: ChildProcess | undefined;
  private readonly chunks: Buffer[] = [];
  private readonly killAtExit = (): void => void this.child?.kill('SIGKILL');

  constructor(
    readonly name: string,
    private readonly options: RelayUnderTestOptions,
  ) {}

  get output(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** Whether it has ended by itself. */
  get fallen(): boolean {
    return this.child !== undefined && this.child.exitCode !== null && this.child.exitCode !== 0;
  }

  start(): void {
    const { store, brokers, prefix, turns = 'group', requestTimeoutMs } = this.options;
    this.child = spawn(process.execPath, [script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        ...{
          STORE: store,
          BROKERS: brokers.join(','),
          PREFIX: prefix,
          LOG_ID: 'log',
          INSTANCE: this.name,
          TURNS: turns,
        },
        ...(requestTimeoutMs !== undefined && { REQUEST_TIMEOUT_MS: String(requestTimeoutMs) }),
      },
    });
    this.child.once('exit', () => process.off('exit', this.killAtExit));
    process.once('exit', this.killAtExit);
    this.child.stdout!.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    this.child.stderr!.on('data', (chunk: Buffer) => this.chunks.push(chunk));
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM, and waits for the orderly end. @returns the exit code */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Keeps the end of its next transaction back: resolves when that is about to be sent, with a function that lets it go. */
  async keepEndBack(): Promise<() => void> {
    const tell = (): void => void this.child?.kill('SIGUSR2');
    tell();
    await until('it is at the end of a transaction', async () => this.output.includes('keeps the end of'));
    return tell;
  }

  /** The most that it ever had in memory since it was started. */
  async peakMemoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.child?.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }
}
