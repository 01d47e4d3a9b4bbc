import { UnavailableError } from '#libs/event-store';
import { ReadModel } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { type Storage, type StorageTroubleKind } from './storage.js';

const catchUpTimeoutMs = 1000;

/** What does its work beside the requests: one line about why it does not, now. */
export type BesideRequests = { whyNot(): string | undefined };

/** For programs; `message` is one line for people. */
export type NotReady = {
  readonly reason: 'closing' | 'stopped' | 'behind' | StorageTroubleKind;
  readonly message: string;
};

/** Ready: the event store answers and can be written, and the read model is caught up within a bound (architecture.md: consistency). */
@Injectable()
export class Readiness {
  private closing = false;

  constructor(
    private readonly readModel: ReadModel,
    private readonly storage: Storage,
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

  /** `undefined` when ready. */
  async whyNot(): Promise<NotReady | undefined> {
    if (this.closing) return { reason: 'closing', message: 'the process is shutting down' };
    const { state, error } = this.readModel.status();
    if (state === 'stopped') {
      return { reason: 'stopped', message: `the read model has stopped: ${error?.message ?? 'it was closed'}` };
    }
    const [trouble] = this.storage.troubles();
    if (trouble !== undefined) return { reason: trouble.kind, message: trouble.message };
    try {
      await this.readModel.catchUp(catchUpTimeoutMs);
      return undefined;
    } catch (behind) {
      const { message, cause } = behind instanceof Error ? behind : new Error('the read model is behind the event log');
      return { reason: cause instanceof UnavailableError ? 'away' : 'behind', message };
    }
  }
}
