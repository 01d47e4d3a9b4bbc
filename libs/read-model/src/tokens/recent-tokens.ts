import { type ReadModelDatabase } from '../engine/database.js';

const MAX_RECENT = 10_000;
const recentByDatabase = new WeakMap<ReadModelDatabase, Map<string, unknown>>();

/**
 * Tokens found alive since the last event that can end one, by hash: back ends ask for the same token again and again. Whoever takes
 * one from here still looks at its expiry.
 */
export function recentTokens<Token>(db: ReadModelDatabase): Map<string, Token> {
  let recent = recentByDatabase.get(db) as Map<string, Token> | undefined;
  if (recent === undefined) {
    recent = new Map();
    recentByDatabase.set(db, recent);
  }
  if (recent.size >= MAX_RECENT) recent.clear();
  return recent;
}

/**
 * Forgets every token that was found alive. Projections call it for each event that can end a token: a client deleted, a consent
 * revoked, a grant refreshed or revoked, tokens flushed. No other event makes a live token dead.
 */
export function tokensMayHaveEnded(db: ReadModelDatabase): void {
  recentByDatabase.get(db)?.clear();
}
