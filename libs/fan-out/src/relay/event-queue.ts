import { type StoredEvent, eventLength } from '#libs/event-store';

const maxEvents = 4_000;
const maxBytes = 8 * 1_048_576;

/** Events between the log, which hands them over in pages, and whoever takes them one by one. The log waits while it is full. */
export class EventQueue {
  private waiting: StoredEvent[] = [];
  private next = 0;
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;
  private closed = false;
  private wakeReader: () => void = () => undefined;
  private wakeWriter: () => void = () => undefined;

  /** Takes all of them; resolves when there is room again. */
  async put(events: readonly StoredEvent[]): Promise<void> {
    if (this.closed) return;
    this.waiting.push(...events);
    for (const event of events) this.bytes += eventLength(event);
    this.wakeReader();
    if (this.isFull(1)) await new Promise<void>((resolve) => (this.wakeWriter = resolve));
  }

  /** Nothing more will come, for this reason. */
  fail(error: unknown): void {
    this.failure = { error };
    this.wakeReader();
  }

  /** Lets go of all that wait; what is still put is dropped. */
  close(): void {
    this.closed = true;
    this.wakeWriter();
    this.wakeReader();
  }

  shift(): StoredEvent | undefined {
    const event = this.waiting[this.next];
    if (event === undefined) return undefined;
    this.next += 1;
    this.bytes -= eventLength(event);
    if (this.next === this.waiting.length || this.next > maxEvents) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    if (!this.isFull(0.5)) this.wakeWriter();
    return event;
  }

  /**
   * Waits until there is an event to take, at most so long; also ends when the queue is closed.
   *
   * @throws what the queue failed with, when nothing is left
   */
  async arrived(waitMs: number): Promise<void> {
    if (this.next < this.waiting.length || this.closed) return;
    if (this.failure === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.wakeReader = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.failure !== undefined && this.next === this.waiting.length) throw this.failure.error;
  }

  private isFull(share: number): boolean {
    return this.waiting.length - this.next > maxEvents * share || this.bytes > maxBytes * share;
  }
}
