import { type Json } from '#libs/domain';
import { malformed } from '../wire/decode-body.js';

/** Far below what an event may hold: a login's context is stored with the login and with the consent request. */
const maxContextBytes = 256 * 1024;

/**
 * The member `context` of a decision: any JSON, kept as it is and handed on (admin-api.md 4.2).
 *
 * @param sent `undefined` when it was not
 * @throws OAuthError `invalid_request` when it is too large
 */
export function contextOf(sent: unknown): { context?: Json } {
  if (sent === undefined) return {};
  if (Buffer.byteLength(JSON.stringify(sent)) > maxContextBytes) {
    throw malformed(`context must have at most ${maxContextBytes} bytes`);
  }
  return { context: sent as Json };
}
