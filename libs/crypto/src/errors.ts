/**
 * - `wrong_system_secret`: none of the given system secrets opens the root key
 * - `invalid_root_key`: the sealed root key names a stretching this version cannot do
 * - `unseal_failed`: not sealed under this key, purpose, context and generation, or damaged
 * - `invalid_subject_key`: not 32 bytes as base64url
 * - `invalid_jwk`: not a JSON Web Key this server stores; the message is the reason
 * - `invalid_secret_hash`: not a hash of a client secret that can be taken over
 * - `invalid_key_file`: neither JSON, PEM nor DER that holds keys; the message is the reason
 * - `unknown_algorithm`: keys of this `alg` cannot be generated
 * - `too_busy`: more secrets wait to be stretched than can be soon; trying again later may work
 * - `unusable_signing_key`: the key cannot make RS256 signatures
 */
export type CryptoErrorCode =
  | 'wrong_system_secret'
  | 'invalid_root_key'
  | 'unseal_failed'
  | 'invalid_subject_key'
  | 'invalid_jwk'
  | 'invalid_secret_hash'
  | 'invalid_key_file'
  | 'unknown_algorithm'
  | 'too_busy'
  | 'unusable_signing_key';

/** What this lib throws. Messages never hold key material, secrets or tokens, so they may be logged and answered. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';

  constructor(
    readonly code: CryptoErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
