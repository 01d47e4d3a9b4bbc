import { type DatabaseSync } from 'node:sqlite';

/** To be set before a file has its first table: only then can its free pages be given back while it is used. */
export const givesPagesBack = 'PRAGMA auto_vacuum = INCREMENTAL';

/** `delayMs` (1,000) between a deletion and what is done about it; `reservePages` (16 MiB) are kept free at least. */
type ReclaimerOptions = { readonly delayMs?: number; readonly reservePages?: number };

/** Beside the reserve this share of the file is kept free: what is deleted makes room for what comes. */
const reserveShare = 1 / 8;
const incremental = 2;
const minStepPages = 4;
const maxStepPages = 512;
/** A step is made smaller when it took longer, larger when it took less than half of it. */
const stepMs = 4;
/** What steps may take of the time of this process. */
const timeShare = 1 / 10;

/**
 * Sees to what deletions leave in a file with a write-ahead log. What was deleted must not live on in that log, so it is emptied soon
 * after, once for many deletions. And pages that are free in numbers go back to the file system, in steps of some milliseconds with
 * pauses in between: once they are twice the reserve, down to the reserve.
 */
export class Reclaimer {
  private readonly delayMs: number;
  private readonly reservePages: number;
  private emptying: NodeJS.Timeout | undefined;
  private givingBack: NodeJS.Timeout | undefined;
  private stepPages = 32;

  constructor(
    private readonly db: DatabaseSync,
    { delayMs = 1_000, reservePages = 4_096 }: ReclaimerOptions = {},
  ) {
    this.delayMs = delayMs;
    this.reservePages = reservePages;
  }

  /** Something was deleted. */
  soon(): void {
    this.emptying ??= this.after(this.delayMs, () => this.emptyWriteAheadLog());
  }

  /** Closing the database empties its write-ahead log, so nothing is left to do. */
  close(): void {
    clearTimeout(this.emptying);
    clearTimeout(this.givingBack);
  }

  private emptyWriteAheadLog(): void {
    this.emptying = undefined;
    if (!this.db.isOpen) return;
    if (!this.isEmptied()) return this.soon();
    if (this.givingBack === undefined && this.surplus() > this.reserve()) this.giveBackAfter(0);
  }

  /** Not while somebody reads what is in it, in this process (an error) or another (an answer). */
  private isEmptied(): boolean {
    try {
      return this.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
    } catch {
      return false;
    }
  }

  private giveBackAfter(pauseMs: number): void {
    this.givingBack = this.after(pauseMs, () => this.giveBack());
  }

  /** What the disk refuses here is nobody's request: it is tried again later. */
  private after(ms: number, work: () => void): NodeJS.Timeout {
    const attempt = (): void => {
      try {
        work();
      } catch {
        this.soon();
      }
    };
    return setTimeout(attempt, ms).unref();
  }

  private giveBack(): void {
    this.givingBack = undefined;
    if (!this.db.isOpen) return;
    const surplus = this.surplus();
    if (surplus <= 0) return this.soon(); // the file gets shorter as the write-ahead log is emptied
    const begunAt = performance.now();
    if (!this.isDone(Math.min(surplus, this.stepPages))) return; // the disk is full, perhaps: after another deletion
    const tookMs = performance.now() - begunAt;
    if (tookMs > stepMs) this.stepPages = Math.max(minStepPages, this.stepPages >> 1);
    else if (tookMs < stepMs / 2) this.stepPages = Math.min(maxStepPages, this.stepPages << 1);
    this.giveBackAfter(tookMs / timeShare);
  }

  /** One step, written into the file at once: left to the writers, a thousand pages are written in one of their turns. */
  private isDone(pages: number): boolean {
    const synchronous = this.pragma('synchronous');
    try {
      this.db.exec(`PRAGMA synchronous = NORMAL; PRAGMA incremental_vacuum(${pages}); PRAGMA wal_checkpoint(PASSIVE)`);
      return true;
    } catch {
      return false;
    } finally {
      this.db.exec(`PRAGMA synchronous = ${synchronous}`);
    }
  }

  /** How many free pages there are beyond the reserve; none in a file that cannot give them back. */
  private surplus(): number {
    if (this.pragma('auto_vacuum') !== incremental) return 0;
    return this.pragma('freelist_count') - this.reserve();
  }

  private reserve(): number {
    return Math.max(this.reservePages, Math.floor(this.pragma('page_count') * reserveShare));
  }

  private pragma(name: string): number {
    return Number(this.db.prepare(`PRAGMA ${name}`).get()?.[name]);
  }
}
