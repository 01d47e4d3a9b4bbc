import { type AllStreamSubscription, type EventStoreDBClient, type ReadPosition, START } from '@eventstore/db-client';
import { until } from '#libs/harness';

/** What one subscription to `$all` did, in order: `confirmation`, `caughtUp`, an error's type, or `stream@revision` of an event. */
export class ObservedSubscription {
  readonly seen: string[] = [];
  readonly positions: bigint[] = [];
  private readonly subscription: AllStreamSubscription;

  constructor(client: EventStoreDBClient, fromPosition: ReadPosition = START) {
    this.subscription = client.subscribeToAll({ fromPosition });
    for (const mark of ['confirmation', 'caughtUp', 'end', 'close'] as const) {
      this.subscription.on(mark, () => this.seen.push(mark));
    }
    this.subscription.on('error', (error: Error & { type?: string }) => this.seen.push(error.type ?? error.message));
    this.subscription.on('data', ({ event }) => {
      this.seen.push(`${event?.streamId}@${event?.revision}`);
      if (event?.position !== undefined) this.positions.push(event.position.commit);
    });
  }

  /** Of the events, only those of a stream; all other marks. */
  of(stream: string): string[] {
    return this.seen.filter((mark) => mark.startsWith(`${stream}@`) || !mark.includes('@'));
  }

  /** Waits until it did this. */
  saw(mark: string): Promise<void> {
    return until(`the subscription shows ${mark}`, async () => this.seen.includes(mark));
  }

  end(): Promise<void> {
    return this.subscription.unsubscribe();
  }
}
