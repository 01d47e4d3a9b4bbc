import { ReadModel } from '#libs/read-model';
import { Injectable } from '@nestjs/common';

const catchUpTimeoutMs = 1000;

/** What does its work beside the requests: one line about why it does not, now. */
export type BesideRequests = { whyNot(): string | undefined };

/** Ready: the event store answers, and the read model is caught up within a bound (architecture.md: consistency). */
@Injectable()
export class Readiness {
  private closing = false;

  constructor(
    private readonly readModel: ReadModel,
    private readonly relay?: BesideRequests,
  ) {}

  /** From here on the process only finishes what it has begun. */
  close(): void {
    this.closing = true;
  }

  /** Why changes are not published just now. Requests are answered as ever: the process is ready all the same. */
  whyNotPublishing(): string | undefined {
    return this.relay?.whyNot();
  }

  /** One line, `undefined` when ready. */
  async whyNot(): Promise<string | undefined> {
    if (this.closing) return 'the process is shutting down';
    const { state, error } = this.readModel.status();
    if (state === 'stopped') return `the read model has stopped: ${error?.message ?? 'it was closed'}`;
    try {
      await this.readModel.catchUp(catchUpTimeoutMs);
      return undefined;
    } catch (behind) {
      return behind instanceof Error ? behind.message : 'the read model is behind the event log';
    }
  }
}
