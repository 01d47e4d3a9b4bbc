import { uuidV7 } from '#libs/crypto';
import { type TokensIssued, machine } from '#libs/domain';
import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Applied, CommandContext } from './command-context.js';
import { type RequestContext } from '../http/request-context.js';

/** Bounds an append to what every store takes: 1 MiB of data (architecture.md: write path). */
const maxBatchBytes = 512 * 1024;
const maxBatchEvents = 1000;

type Waiting = { readonly issued: TokensIssued['data']; readonly by: RequestContext; readonly settle: Settle };
type Issued = Applied<null, TokensIssued>;
type Settle = { resolve(issued: Issued): void; reject(error: unknown): void };

/**
 * Records the tokens of the client_credentials grant. This instance is the one writer of its `machine-` stream of the hour, so all
 * requests that are in flight share an append; they are answered when it is applied.
 */
@Injectable()
export class MachineTokens {
  private readonly instance = uuidV7(new Date()).replaceAll('-', '');
  private waiting: Waiting[] = [];
  private running = false;

  constructor(private readonly context: CommandContext) {}

  /** Resolves when the token is recorded, with what was recorded together. @throws what the append throws */
  issue(issued: TokensIssued['data'], by: RequestContext): Promise<Issued> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ issued, by, settle: { resolve, reject } });
      if (!this.running) void this.run();
    });
  }

  /** One append at a time; what arrives meanwhile makes up the next one. */
  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      await nextTurn(); // requests that arrived together share one append, not the first one alone and the others the next
      const batch = this.takeBatch();
      try {
        const issued = await this.append(batch);
        for (const { settle } of batch) settle.resolve(issued);
      } catch (error) {
        for (const { settle } of batch) settle.reject(error);
      }
    }
    this.running = false;
  }

  private append(batch: readonly Waiting[]): Promise<Issued> {
    const hour = this.context.now().toISOString().slice(0, 13);
    const command = { type: 'IssueMachineTokens', data: { issued: batch.map(({ issued }) => issued) } } as const;
    const [by, ...alsoBy] = batch.map((each) => each.by);
    if (by === undefined) throw new TypeError('an append has events');
    return this.context.commit(machine, `${this.instance}-${hour}`, { command, by, alsoBy });
  }

  private takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { issued } of this.waiting) {
      bytes += 600 + 4 * (issued.scope.join().length + issued.audience.join().length + issued.clientId.length);
      if (count > 0 && (bytes > maxBatchBytes || count === maxBatchEvents)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }
}
