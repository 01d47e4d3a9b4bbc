import { goJson } from '#libs/oauth2';
import { type RequestDetails, type RequestStatus } from '#libs/read-model';
import { type FastifyReply } from 'fastify';
import { AdminError, alreadyUsed } from '../../http/errors/admin-error.js';
import { type Generation } from '../generations/generation.js';

/** What happens to members of a decision that no model has: from v25.4 on they are ignored, before as the model says (admin-api.md 4.2). */
export function unknownMembersIn(generation: Generation): 'ignore' | undefined {
  return generation === 'v26.2' ? 'ignore' : undefined;
}

/**
 * What GET of a login or consent request answers whose verifier was redeemed: 409 of rc.8, later 410 with where the browser can begin
 * anew (admin-api.md 4.2).
 */
export function usedRequestAnswer({ requestUrl }: RequestDetails, generation: Generation, reply: FastifyReply): string {
  if (generation === 'rc.8') throw alreadyUsed();
  void reply.status(410);
  return goJson({ redirect_to: requestUrl });
}

/** Later generations refuse a decision on a consent request whose verifier was redeemed; to rc.8 it changes nothing (admin-api.md 4.2). */
export function refuseUsedConsent(
  request: { readonly status: RequestStatus } | undefined,
  generation: Generation,
): void {
  if (generation === 'rc.8' || request?.status !== 'redeemed') return;
  throw new AdminError(409, 'Conflict', 'The consent request was used already, it cannot be decided again');
}
