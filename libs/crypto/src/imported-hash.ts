import { bcryptFits, bcryptSawAllOf, checkBcryptHash, isBcryptHash } from './bcrypt.js';
import { CryptoError } from './errors.js';
import { checkPbkdf2Hash, isPbkdf2Hash, pbkdf2Fits, pbkdf2SawAllOf } from './pbkdf2.js';

/**
 * Checks the hash of a secret registered elsewhere, that is to be stored as it is (docs/adr/0008).
 *
 * @param text bcrypt, or PBKDF2 as Hydra v2 writes it
 * @throws CryptoError `invalid_secret_hash`
 */
export function checkImportedHash(text: string): void {
  if (isPbkdf2Hash(text)) return checkPbkdf2Hash(text);
  if (!text.startsWith('$2')) {
    throw new CryptoError(
      'invalid_secret_hash',
      'a secret hash must be bcrypt ($2a$, $2b$, $2y$) or PBKDF2 ($pbkdf2-sha256$)',
    );
  }
  checkBcryptHash(text);
}

/** Whether this is a hash of a form that may be taken over. */
export function isImportedHash(text: string): boolean {
  return isBcryptHash(text) || isPbkdf2Hash(text);
}

/** Whether `text` made this hash; false for one that `checkImportedHash` refuses. */
export function importedHashFits(hash: string, text: string): Promise<boolean> {
  return (isPbkdf2Hash(hash) ? pbkdf2Fits : bcryptFits)(hash, text);
}

/** Whether only this text can have made the hash it fits. */
export function importedHashSawAllOf(hash: string, text: string): boolean {
  return isPbkdf2Hash(hash) ? pbkdf2SawAllOf(hash, text) : bcryptSawAllOf(text);
}
