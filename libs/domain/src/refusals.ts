/** Why a client's stream refuses a command. */
export type ClientErrorCode = 'client_exists' | 'client_not_found';

/** `assertion_used`: a client assertion counts once. */
export type ClientAssertionErrorCode = 'assertion_used';

/** `signing_key_required`: a set that signs would be left without a private RSA key, and the command brought no successor. */
export type KeySetErrorCode = 'key_exists' | 'signing_key_required';

/** `login_subject_mismatch`: the login was skipped, and the app accepted somebody else; `login_verifier_unknown`: nothing was decided yet. */
export type LoginErrorCode =
  | 'login_request_not_found'
  | 'login_request_handled'
  | 'login_subject_mismatch'
  | 'login_verifier_unknown'
  | 'login_verifier_used';

/** `consent_verifier_unknown`: nothing was decided yet. */
export type ConsentErrorCode =
  'consent_request_exists' | 'consent_request_not_found' | 'consent_verifier_unknown' | 'consent_verifier_used';

/** `grant_not_allowed`: the client may not have what was granted any more. */
export type GrantErrorCode = 'invalid_grant' | 'grant_not_allowed';

/** A live token has the name. */
export type AdminTokenErrorCode = 'admin_token_exists';

/** There is no root key to seal again. */
export type RootErrorCode = 'root_key_missing';

/**
 * Everything an aggregate refuses a command with: snake_case and, where OAuth 2.0 has one, equal to its code. They stand in one place,
 * so that who answers a caller can be held to all of them.
 */
export type DomainErrorCode =
  | ClientErrorCode
  | ClientAssertionErrorCode
  | KeySetErrorCode
  | LoginErrorCode
  | ConsentErrorCode
  | GrantErrorCode
  | RootErrorCode
  | AdminTokenErrorCode;

/** A command an aggregate refuses. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: DomainErrorCode,
    message: string,
  ) {
    super(message);
  }
}
