export { adminTokenHash, mintAdminToken } from './admin-token.js';
export { readVerificationKeys, verifySignedJwt } from './bearer-jwt.js';
export { type ClientSecretOptions, ClientSecrets, deriveClientSecret, generateClientSecret } from './client-secret.js';
export { CookieSigner } from './cookie.js';
export { Sha256, halfHash, s256, sha256Base64Url, sha256Hex } from './digest.js';
export { decryptStoredKey } from './encrypted-key.js';
export { CryptoError, type CryptoErrorCode } from './errors.js';
export { randomHex, uuidV4, uuidV7 } from './ids.js';
export { checkImportedHash, isImportedHash } from './imported-hash.js';
export { hasPrivatePart, type Jwk, parseJwk, publicJwk } from './jwk.js';
export { generateKeys, generatePrivateKey } from './jwk-generation.js';
export { readKeySet } from './jwk-set.js';
export { readKeyFile } from './key-file.js';
export { JwtSigner, readUnverifiedJwt, type UnverifiedJwt, verifyJwt, verifyJwtSignature } from './jwt.js';
export {
  createRootKey,
  openRootKey,
  resealRootKey,
  RootKey,
  type SealedRootKey,
  type SealPurpose,
} from './root-key.js';
export { newSubjectKey, sealWithSubjectKey, unsealWithSubjectKey } from './sealing.js';
