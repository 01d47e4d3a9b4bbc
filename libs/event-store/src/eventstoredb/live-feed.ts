import { type AllStreamResolvedEvent } from '@eventstore/db-client';
import { type OpenedFeed } from './log-reader.js';

/** Why a subscription stopped delivering. Normal operation: the server drops readers that fall behind. */
class FeedEndedError extends Error {}

/**
 * The events of one subscription of the library, taken in batches at the reader's own pace: what is not taken is not fetched.
 * It ends with the first failure, with its line, or when the reader has enough.
 */
export class LiveFeed {
  private ended: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly opened: OpenedFeed,
    private readonly enough: AbortSignal,
  ) {
    const { feed, line } = opened;
    feed.on('error', (error) => this.end(error));
    feed.on('end', () => this.end(new FeedEndedError('the subscription ended')));
    feed.on('readable', () => this.wake());
    line.lost.addEventListener('abort', this.cut);
    enough.addEventListener('abort', this.cut);
    if (line.lost.aborted || enough.aborted) this.cut();
  }

  /** The next events, at least one. @throws what ended the subscription, after what had come before was taken */
  async next(): Promise<AllStreamResolvedEvent[]> {
    for (;;) {
      const events = this.takeReady();
      if (events.length > 0) return events;
      if (this.ended !== undefined) throw this.ended;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Leaves nothing open at the server. */
  close(): void {
    const { feed, line } = this.opened;
    line.lost.removeEventListener('abort', this.cut);
    this.enough.removeEventListener('abort', this.cut);
    feed.unsubscribe().catch(() => undefined);
    feed.destroy();
  }

  private readonly cut = (): void => this.end(new FeedEndedError('the connection was lost or given up'));

  private end(error: Error): void {
    this.ended ??= error;
    this.wake();
  }

  private takeReady(): AllStreamResolvedEvent[] {
    const events: AllStreamResolvedEvent[] = [];
    for (;;) {
      const event = this.opened.feed.read() as AllStreamResolvedEvent | null;
      if (event === null) return events;
      events.push(event);
    }
  }
}
