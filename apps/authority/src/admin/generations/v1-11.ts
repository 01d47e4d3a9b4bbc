import { type Json, type JsonObject } from '#libs/domain';
import { goJson, extendedClientJson } from '#libs/oauth2';
import { AcceptConsentRequestWithTime } from '../handshake/accept-consent-request.js';
import { AcceptLoginRequestWithRemarks } from '../handshake/accept-login-request.js';
import { type ApiGeneration } from './generation.js';
import { linkByOffset } from './pages.js';
import { rc8 } from './rc8.js';

/** v1.11, where the challenge or subject is in the query: what has changed since rc.8 (admin-api.md 4.2). */
export const v111: ApiGeneration = {
  ...rc8,
  name: 'v1.11',
  exactPaths: true,

  acceptLogin: AcceptLoginRequestWithRemarks,
  acceptConsent: AcceptConsentRequestWithTime,
  /** 410 with where the browser can begin anew. */
  usedRequest({ requestUrl }, reply) {
    void reply.status(410);
    return goJson({ redirect_to: requestUrl });
  },
  decisionsOnceUsed: 'refused',
  clientJson: extendedClientJson,
  consentRequestMembers: ({ amr, context }) => ({ amr, ...contextMember(context) }),
  consentSessionMembers: ({ handledAt }) => ({ handled_at: handledAt }),

  linkPages: linkByOffset,
};

/** The member `context`, where there is one. */
export function contextMember(context: Json | undefined): JsonObject {
  return context === undefined ? {} : { context };
}
