import { generatePrivateKey } from '#libs/crypto';
import { OAuthError, checkRegisteredUris } from '#libs/oauth2';
import { AcceptConsentRequestWithContext } from '../handshake/accept-consent-request.js';
import { queryValue } from '../../http/query-value.js';
import { clientPage } from './client-pages.js';
import { type ApiGeneration } from './generation.js';
import { introspectionJson } from './introspection-json.js';
import { linkByToken, pageByToken } from './pages.js';
import { contextMember, v111 } from './v1-11.js';

/** v26.2, below `/admin`: what has changed since v1.11 (admin-api.md 4.2). */
export const v262: ApiGeneration = {
  ...v111,
  name: 'v26.2',
  pathPrefix: '/admin',
  exactPaths: false,
  cacheControl: 'private, no-cache, no-store, must-revalidate',

  acceptConsent: AcceptConsentRequestWithContext,
  unknownMembers: 'ignore',
  consentRequestMembers: (request) => ({
    ...v111.consentRequestMembers(request),
    consent_request_id: request.challenge,
  }),
  /** `context` is what the consent app kept, or else the login app handed on. */
  consentSessionMembers(session) {
    const { context = session.consentRequest.context } = session;
    return {
      ...v111.consentSessionMembers(session),
      ...contextMember(context),
      consent_request_id: session.consentRequest.challenge,
    };
  },

  pageOf: pageByToken,
  linkPages: linkByToken,
  loginSessionListed: (query) => queryValue(query, 'login_session_id'),
  loginSessionRevoked: (query) => queryValue(query, 'sid'),

  clientsAreExtended: true,
  echoesAbsentLists: false,
  deletesOnlyWhatIsThere: true,
  checkRegistration: checkRegisteredUris,
  /** RFC 7591 3.2.2. */
  registrationError({ status, description, hint, debug }) {
    const code = hint?.startsWith('redirect_uris') === true ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    return new OAuthError({ code, status, description, hint, debug });
  },
  listClients: clientPage,

  generateKeys: generatePrivateKey,
  generatedKid: (_alg, kid) => kid,

  introspectionJson:
    (issuer) =>
    ({ active }) =>
      introspectionJson(active, issuer),
};
