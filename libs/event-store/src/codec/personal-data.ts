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
  /** Seals data of nobody in particular yet, under a key of its stream. `context` is authenticated with it. */
  sealInStream(stream: string, plaintext: string, context: string): string;
  /** @throws CryptoError `unseal_failed` */
  unsealInStream(stream: string, sealed: string, context: string): string;
  /** What was sealed before streams had keys: under one for all of them. @throws CryptoError `unseal_failed` */
  unsealWithRoot(sealed: string, context: string): string;
}

/** What a stored event names the key of its sealed members, where that is one of its stream, or one derived from the root key alone. */
export const streamKeyId = 'stream';
export const rootKeyId = 'root';
