export { cleanUp } from './engine/clean-up.js';
export { type ReadModelDatabase } from './engine/database.js';
export { ReadModelBehindError, ReadModelRefusedError } from './engine/errors.js';
export { type EventDecoder } from './engine/projector.js';
export { ReadModel, type ReadModelOptions, type ReadModelStatus } from './engine/read-model.js';
export { rebuildReadModel } from './engine/rebuild.js';
export { type AdminTokenView, findAdminToken, listAdminTokens } from './admin-tokens/admin-tokens.projection.js';
export { type ClientView, findClient, listClientJson } from './clients/clients.projection.js';
export { listClientPage } from './clients/clients.queries.js';
export {
  type ConsentRequestView,
  type ConsentSessionView,
  countConsentSessions,
  findConsentByVerifier,
  findConsentRequest,
  findRememberedConsent,
  hasHandledConsents,
  listConsentSessions,
} from './consent-requests/consent-requests.queries.js';
export { findClientByIdempotencyKey } from './idempotency/idempotency-keys.projection.js';
export {
  type KeyView,
  findKey,
  findKeySet,
  orphanSecrets,
  publicKid,
  publishedKeys,
  signingKey,
} from './keys/keys.queries.js';
export {
  type LoginRequestView,
  type RequestDetails,
  type RequestStatus,
  detailsOf,
  findLoginByVerifier,
  findLoginRequest,
  isLoginRecorded,
} from './login-requests/login-requests.projection.js';
export { type OperationalKind, operationalKinds } from './operational-streams/operational-streams.projection.js';
export {
  type DueCursor,
  type DueQuery,
  type DueStream,
  type RetentionPeriods,
  countDueStreams,
  findDueGrantsOfTheDead,
  findDueStreams,
} from './operational-streams/operational-streams.queries.js';
export { type LoginSessionView, findLoginSession } from './sessions/sessions.projection.js';
export { findForcedIdentifier, isConsentRevoked } from './subjects/subjects.projection.js';
export { TokenView } from './tokens/token-view.js';
export {
  type AuthorizationCodeView,
  findAccessToken,
  findAnyRefreshToken,
  findAuthorizationCode,
  findRefreshToken,
  findTokenOwner,
} from './tokens/tokens.queries.js';
