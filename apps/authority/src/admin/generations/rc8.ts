import { generateKeys } from '#libs/crypto';
import { pagination } from '#libs/oauth2';
import { listClientJson } from '#libs/read-model';
import { alreadyUsed } from '../../http/errors/admin-error.js';
import { AcceptConsentRequest } from '../handshake/accept-consent-request.js';
import { AcceptLoginRequest } from '../handshake/accept-login-request.js';
import { type ApiGeneration } from './generation.js';

/** v1.0.0-rc.8, which this Admin API is compatible with: the paths that all generations had. */
export const rc8: ApiGeneration = {
  name: 'rc.8',
  pathPrefix: '',
  exactPaths: false,
  cacheControl: undefined,

  acceptLogin: AcceptLoginRequest,
  acceptConsent: AcceptConsentRequest,
  unknownMembers: undefined,
  usedRequest() {
    throw alreadyUsed();
  },
  decisionsOnceUsed: 'ignored',
  clientJson: (json) => json,
  consentRequestMembers: () => ({}),
  consentSessionMembers: () => ({}),

  pageOf: pagination,
  linkPages: () => undefined,
  loginSessionListed: () => undefined,
  loginSessionRevoked: () => undefined,

  clientsAreExtended: false,
  echoesAbsentLists: true,
  deletesOnlyWhatIsThere: false,
  checkRegistration: () => undefined,
  registrationError: (error) => error,
  listClients: ({ db }, { query }) => `[${listClientJson(db, pagination(query)).join(',')}]`,

  generateKeys,
  generatedKid: (alg, kid) => (alg.startsWith('HS') ? kid : `private:${kid}`),

  introspectionJson: (issuer) => (token) => token.introspection(issuer),
};
