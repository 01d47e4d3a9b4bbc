import { checkBcryptHash } from '#libs/crypto';
import { oauthError } from '#libs/oauth2';
import { type ClientRequest } from '../wire/client-request.js';

/**
 * The hash a new client brings instead of its secret, `''` for none (docs/adr/0008).
 *
 * @throws CryptoError `invalid_secret_hash`
 * @throws OAuthError `invalid_request` when there is a secret as well
 */
export function importedSecretHash({ client_secret_hash: hash, client_secret: secret }: ClientRequest): string {
  if (hash === '') return '';
  if (secret !== '') throw oauthError('invalid_request', 'client_secret and client_secret_hash exclude each other.');
  checkBcryptHash(hash);
  return hash;
}

/** @throws OAuthError `invalid_request`: the secret of a client that is there is changed by a secret, not by a hash */
export function refuseSecretHash({ client_secret_hash: hash }: ClientRequest): void {
  if (hash === '') return;
  throw oauthError('invalid_request', 'client_secret_hash is for new clients only; send client_secret to change it.');
}
