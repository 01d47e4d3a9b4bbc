import { type Metadata } from '@grpc/grpc-js';
import { type TcpRelay } from '#libs/harness';
import { type Refusal, accessDenied, consumerTooSlow, notLeader, notReady } from './refusals.js';
import { type Subscriptions } from './subscription.js';

/** How the answer to a write that was made gets lost: it never comes, or the connection ends instead. */
export type Loss = 'silence' | 'cut';

/** What a test lets go wrong. Everything is off at the start; a switch that is on stays on until it is turned off. */
export class Faults {
  private isNotReady = false;
  private deniesAccess = false;
  private leader: { readonly address: string; readonly port: number } | undefined;
  private lost: { remaining: number; loss: Loss } = { remaining: 0, loss: 'silence' };
  private every: { readonly count: number; readonly loss: Loss; seen: number } | undefined;
  private positionsRefused = false;

  constructor(
    private readonly relay: TcpRelay,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** Ends the open subscriptions with the error of a reader that fell behind a burst. */
  dropSubscriptions(_reason: 'consumer-too-slow'): void {
    this.subscriptions.fail(consumerTooSlow());
  }

  /** While on, live subscriptions deliver nothing, without an error. Those fallen silent stay so; new ones still catch up. */
  goSilent(on: boolean): void {
    this.subscriptions.goSilent(on);
  }

  /** While on, connections are accepted and no call is answered; afterwards everything that was held up goes through. */
  freeze(on: boolean): void {
    this.relay.freeze(on);
  }

  /** Ends every connection; new ones are accepted. */
  cutConnections(): void {
    this.relay.cut();
  }

  /** The next appends, deletes and tombstones are made and their answers lost. */
  loseNextAnswers(count: number, loss: Loss = 'silence'): void {
    this.lost = { remaining: count, loss };
  }

  /** Of the appends, deletes and tombstones from now on, every `count`th is made and its answer lost; 0 ends it. */
  loseEvery(count: number, loss: Loss = 'cut'): void {
    this.every = count === 0 ? undefined : { count, loss, seen: 0 };
  }

  /** While on, every call is refused: `unavailable`, "Server Is Not Ready". */
  notReady(on: boolean): void {
    this.isNotReady = on;
  }

  /** While on, every call is refused: `access-denied`. */
  denyAccess(on: boolean): void {
    this.deniesAccess = on;
  }

  /**
   * While on, calls that require the leader are refused: `not-leader`.
   *
   * @param leader where the client is sent to; by default here again
   */
  notLeader(on: boolean, leader = { address: '127.0.0.1', port: this.relay.port }): void {
    this.leader = on ? leader : undefined;
  }

  /** While on, reads of `$all` and subscriptions from a position fail as if no event had ever been there. */
  refuseStartPositions(on: boolean): void {
    this.positionsRefused = on;
  }

  get startPositionsRefused(): boolean {
    return this.positionsRefused;
  }

  /** Why a call with these headers is not served; undefined when it is. */
  refusalOf(headers: Metadata): Refusal | undefined {
    if (this.isNotReady) return notReady();
    if (this.deniesAccess) return accessDenied();
    const requiresLeader = headers.get('requires-leader')[0] === 'true';
    return this.leader !== undefined && requiresLeader ? notLeader(this.leader) : undefined;
  }

  /** Decides, once for each write that was made, whether its answer is sent. Cuts the connections if that is how it gets lost. */
  sendsAnswer(): boolean {
    const loss = this.nextLoss();
    if (loss === 'cut') this.relay.cut();
    return loss === undefined;
  }

  private nextLoss(): Loss | undefined {
    if (this.lost.remaining > 0) {
      this.lost.remaining -= 1;
      return this.lost.loss;
    }
    if (this.every === undefined) return undefined;
    this.every.seen += 1;
    return this.every.seen % this.every.count === 0 ? this.every.loss : undefined;
  }
}
