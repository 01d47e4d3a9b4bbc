import { BoundedCache } from '#libs/bounded-cache';
import { type ReadModelDatabase } from '../engine/database.js';
import { perDatabase } from '../engine/per-database.js';
import { type TokenView } from './token-view.js';

const maxRecent = 10_000;
/** What consent apps put into tokens may be of any size. */
const bound = { maxBytes: 32 * 1_048_576, bytesOf: ({ length }: TokenView): number => length };

/**
 * Access tokens found alive since the last event that can end one, by hash: back ends ask for the same token again and again. Whoever
 * takes one from here still looks at its expiry.
 */
export const recentTokens = perDatabase(() => new BoundedCache<string, TokenView>(maxRecent, bound));

/** Forgets every token that was found alive; the projector does at each of `tokenEndings`. */
export function tokensMayHaveEnded(db: ReadModelDatabase): void {
  recentTokens(db).clear();
}
