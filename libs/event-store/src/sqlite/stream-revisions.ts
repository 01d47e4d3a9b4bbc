import { type DatabaseSync, type StatementSync } from 'node:sqlite';
import { BoundedCache } from '#libs/bounded-cache';
import { noRevision } from '#libs/domain';

const maxRemembered = 100_000;

/** Stands for the revision of a deleted stream. */
export const deletedRevision = -2;

/** The last revision of every stream: remembered for recent ones, else one look at the index. */
export class StreamRevisions {
  private readonly remembered = new BoundedCache<string, number>(maxRemembered);
  private readonly selectLast: StatementSync;

  constructor(db: DatabaseSync) {
    this.selectLast = db.prepare('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1');
  }

  /** The stream's last revision, `noRevision` when there is no such stream, `deletedRevision` when it was deleted. */
  of(stream: string): number {
    const remembered = this.remembered.get(stream);
    if (remembered !== undefined) return remembered;
    const found = this.look(stream);
    if (found !== deletedRevision) this.remembered.set(stream, found);
    return found;
  }

  set(stream: string, revision: number): void {
    this.remembered.set(stream, revision);
  }

  /** Of a deleted stream nothing is remembered: few ask for it again. */
  forget(stream: string): void {
    this.remembered.delete(stream);
  }

  /** Forgets what was remembered: a transaction it may have come from was rolled back. */
  clear(): void {
    this.remembered.clear();
  }

  private look(stream: string): number {
    const row = this.selectLast.get(stream);
    if (row === undefined) return noRevision;
    const last = Number(row['revision']);
    return last === noRevision ? deletedRevision : last; // the only row of a deleted stream is its deletion, at revision -1
  }
}
