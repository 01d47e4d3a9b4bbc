import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { endOf, hasEnded, spawnOwned } from '#libs/harness';
import { type AuditRow, type AuditedConsent, columns } from './audited-log.js';

const example = join(dirname(fileURLToPath(import.meta.url)), '../../examples/audit-consumer');

type Message = { offset: string; headers: object; value: Buffer };
type Table = { add(topic: string, partition: number, messages: readonly Message[]): void; close(): void };

/** The example as people run it, and the file it keeps. */
export class AuditConsumer {
  private child: ChildProcess | undefined;
  private printed = '';
  private reading: DatabaseSync | undefined;

  constructor(
    readonly file: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Everything that it and those before it printed. */
  get output(): string {
    return this.printed;
  }

  get running(): boolean {
    return this.child !== undefined && !hasEnded(this.child);
  }

  start(group: string): void {
    const env = { ...this.env, AUDIT_FILE: this.file, AUDIT_GROUP: group };
    this.child = spawnOwned(process.execPath, [join(example, 'consume.mjs')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.printed += chunk.toString('utf8')));
  }

  /** @returns the exit code; null when the signal itself ended it */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.child === undefined) return null;
    this.child.kill(signal);
    return endOf(this.child);
  }

  /** How many rows there are; none while there is no table. */
  count(): number {
    if (!existsSync(this.file)) return 0;
    try {
      return this.read<{ count: number }>('SELECT count(*) AS count FROM consent_events')[0]!.count;
    } catch {
      return 0; // it is being made
    }
  }

  rows(): AuditRow[] {
    return this.read<AuditRow>(`SELECT ${columns.join(', ')} FROM consent_events ORDER BY sequence`);
  }

  /** All there is in all tables. */
  everything(): object[] {
    return ['consent_events', 'offsets', 'problems'].flatMap((table) =>
      this.read(`SELECT * FROM ${table} ORDER BY 1, 2, 3`),
    );
  }

  /** Gives the example's own code messages, as if they had come again. */
  async add(topic: string, partition: number, messages: readonly Message[]): Promise<void> {
    const { AuditTable } = (await import(join(example, 'audit-table.mjs'))) as {
      AuditTable: new (file: string) => Table;
    };
    const table = new AuditTable(this.file);
    table.add(topic, partition, messages);
    table.close();
  }

  consents(...filter: string[]): AuditedConsent[] {
    return JSON.parse(this.query('--json', ...filter).stdout) as AuditedConsent[];
  }

  query(...args: string[]): { stdout: string; stderr: string } {
    const env = { PATH: process.env.PATH, AUDIT_FILE: this.file };
    const { stdout, stderr } = spawnSync(process.execPath, [join(example, 'query.mjs'), ...args], {
      env,
      encoding: 'utf8',
    });
    return { stdout, stderr };
  }

  /** What the file was opened for to be read. */
  close(): void {
    this.reading?.close();
    this.reading = undefined;
  }

  private read<Row>(sql: string): Row[] {
    this.reading ??= new DatabaseSync(this.file, { readOnly: true, timeout: 5_000 });
    const rows = this.reading.prepare(sql).all();
    return rows.map((row) => ({ ...row })) as Row[];
  }
}
