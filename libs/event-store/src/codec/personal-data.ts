import { type Eventually } from '../port.js';

/** A key for one person's data. `key` is 32 bytes in base64url. */
export type SubjectKey = { readonly keyId: string; readonly key: string };

/** What became of a key: `'erased'` when its stream was deleted, undefined when it is missing without having been deleted. */
export type FoundKey = SubjectKey | 'erased' | undefined;

/** The keys the codec seals personal data with. Answers are synchronous when the key is at hand. */
export interface PersonalDataKeys {
  /** The key of a subject; made, stored and registered when the subject has none. */
  subjectKey(subjectHash: string): Eventually<SubjectKey>;
  keyById(keyId: string): Eventually<FoundKey>;
  /** Seals data of nobody in particular yet, under a key derived from the root key. `context` is authenticated with it. */
  sealWithRoot(plaintext: string, context: string): string;
  /** @throws CryptoError `unseal_failed` */
  unsealWithRoot(sealed: string, context: string): string;
}

/** Names the root-derived key where a stored event names the key of its sealed members. */
export const rootKeyId = 'root';
