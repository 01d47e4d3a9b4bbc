import { type Position } from '../port.js';

/**
 * One connection over the network, from when it is wanted until it is lost: all its answers come from one node, which never forgets what
 * it has shown.
 */
export class Line {
  private readonly losing = new AbortController();
  private upTo: Position | undefined;

  /** Aborted when what is answered may come from another node. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** The highest position its node was seen to have. */
  get shown(): Position | undefined {
    return this.upTo;
  }

  show(position: Position | undefined): void {
    if (position === undefined || this.lost.aborted) return;
    if (this.upTo === undefined || this.upTo < position) this.upTo = position;
  }

  lose(): void {
    this.losing.abort();
  }
}
