import { randomUUID } from 'node:crypto';
import { type Log } from './log.js';
import { type ReadCall, send } from './read-call.js';
import { type Refusal, consumerTooSlow } from './refusals.js';
import { caughtUp, confirmation, readEvent } from './wire.js';

const pageSize = 32;

/** The open subscriptions to the whole log. */
export class Subscriptions {
  private readonly open = new Set<AllSubscription>();
  private silence = false;

  /** @param liveBuffer how many events a live reader may be behind before it is dropped */
  constructor(
    private readonly log: Log,
    private readonly liveBuffer: number,
  ) {
    log.onWritten(() => {
      for (const subscription of this.open) subscription.onWritten();
    });
  }

  /** @param after the position of the last event that is not delivered; `end` begins with what comes next */
  start(call: ReadCall, after: bigint | 'end'): void {
    const subscription = new AllSubscription(call, this.log, { after, liveBuffer: this.liveBuffer });
    this.open.add(subscription);
    for (const end of ['cancelled', 'close']) call.on(end, () => this.open.delete(subscription));
    subscription.start(() => this.silence);
  }

  fail(refusal: Refusal): void {
    for (const subscription of this.open) subscription.fail(refusal);
    this.open.clear();
  }

  goSilent(on: boolean): void {
    this.silence = on;
    if (on) for (const subscription of this.open) subscription.fallSilent();
  }
}

/** One subscription: the confirmation, what is stored, `caught_up` once, then what is written. */
class AllSubscription {
  private after: bigint;
  private isLive = false;
  private isOver = false;
  private isSilent = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly call: ReadCall,
    private readonly log: Log,
    private readonly options: { readonly after: bigint | 'end'; readonly liveBuffer: number },
  ) {
    this.after = options.after === 'end' ? log.lastPosition : options.after;
    call.on('cancelled', () => this.end());
    call.on('close', () => this.end());
  }

  /** @param beginsSilent asked when it becomes live */
  start(beginsSilent: () => boolean): void {
    this.call.write(confirmation(randomUUID()));
    void this.deliver(beginsSilent);
  }

  onWritten(): void {
    const { isLive, isSilent } = this;
    if (isLive && !isSilent && this.log.countAfter(this.after) > this.options.liveBuffer) this.fail(consumerTooSlow());
    else this.wake();
  }

  fallSilent(): void {
    if (this.isLive) this.isSilent = true;
  }

  fail(refusal: Refusal): void {
    if (this.isOver) return;
    this.end();
    this.call.emit('error', refusal);
  }

  private async deliver(beginsSilent: () => boolean): Promise<void> {
    while (!this.isOver) {
      const page = this.isSilent ? [] : this.log.from(this.after + 1n, pageSize);
      if (page.length === 0) {
        if (!this.isLive) await this.becomeLive(beginsSilent);
        else await this.somethingHappens();
      }
      for (const record of page) {
        if (this.isOver || this.isSilent) break;
        this.after = record.position;
        await send(this.call, readEvent(record));
      }
    }
  }

  private async becomeLive(beginsSilent: () => boolean): Promise<void> {
    this.isLive = true;
    this.isSilent = beginsSilent();
    await send(this.call, caughtUp());
  }

  private somethingHappens(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private end(): void {
    this.isOver = true;
    this.wake();
  }
}
